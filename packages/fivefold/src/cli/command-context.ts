import { type Context, createContext, FivefoldError, type Logger } from '../core/index.ts'
import { endEarlyWatch } from './early-interrupt.ts'
import { createProgressDisplay } from './progress.ts'

export interface CommonFlags {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly seed?: number
  readonly threads?: number
}

/**
 * Runs a command's work with a context whose signal follows Ctrl-C and SIGTERM, and whose progress goes to stderr.
 * A second Ctrl-C ends the process at once.
 */
export async function withCommandContext<T>(flags: CommonFlags, work: (context: Context) => Promise<T>): Promise<T> {
  const interruption = new AbortController()
  const interrupt = (): void => {
    if (interruption.signal.aborted) process.exit(130)
    interruption.abort(new FivefoldError('CANCELLED', 'interrupted'))
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  endEarlyWatch()
  const display = createProgressDisplay(process.stderr)
  try {
    return await work(
      createContext({
        signal: interruption.signal,
        log: stderrLogger(display.finish),
        ...(!flags.quiet && { progress: display.sink }),
        ...(flags.seed !== undefined && { seed: flags.seed }),
        ...(flags.threads !== undefined && { threads: flags.threads }),
      }),
    )
  } finally {
    display.finish()
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

function stderrLogger(clearLine: () => void): Logger {
  const write = (text: string): void => {
    clearLine()
    process.stderr.write(`${text}\n`)
  }
  return {
    debug: () => {},
    info: (message) => write(message),
    warn: (message, fields) => write(`warning: ${message}${fields ? ` ${JSON.stringify(fields)}` : ''}`),
  }
}
