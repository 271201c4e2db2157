/**
 * Loading the code of a command takes its time, in which Ctrl-C would end the process without a word: this handler says
 * what happened, as JSON where that was asked for. A command takes over once it can end its work in order.
 */
let release = (): void => {}

/** Imports nothing at first, so that it stands before anything else is loaded. */
export function watchEarlyInterrupts(args: readonly string[]): void {
  let interrupted = false
  const interrupt = (): void => {
    if (interrupted) return
    interrupted = true
    void sayInterrupted(args.includes('--json')).finally(() => process.exit(130))
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  release = () => {
    if (!interrupted) process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

export const endEarlyWatch = (): void => release()

async function sayInterrupted(json: boolean): Promise<void> {
  const [{ FivefoldError }, { printError, printJsonError }] = await Promise.all([
    import('../core/index.ts'),
    import('./output.ts'),
  ])
  const error = new FivefoldError('CANCELLED', 'interrupted')
  if (json) printJsonError(error)
  else printError(error)
}
