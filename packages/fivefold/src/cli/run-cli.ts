import { CommanderError } from 'commander'
import { FivefoldError } from '../core/index.ts'
import { printError, printJsonError } from './output.ts'
import { createProgram } from './program.ts'

/**
 * Runs one command line and answers with its exit code: 0 done, 1 failed, 2 wrong usage, 3 success criteria not met,
 * 130 interrupted.
 */
export async function runCli(args: readonly string[]): Promise<number> {
  const json = args.includes('--json')
  const program = createProgram({ quietUsageErrors: json })
  try {
    await program.parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0
    const error = thrown instanceof CommanderError ? usageError(thrown) : FivefoldError.from(thrown)
    if (json) printJsonError(error)
    else printError(error, thrown instanceof CommanderError)
    return error.exitCode
  }
}

function usageError(error: CommanderError): FivefoldError {
  const message = error.code === 'commander.help' ? 'no command given' : error.message.replace(/^error: /, '')
  return new FivefoldError('CLI_USAGE', message)
}
