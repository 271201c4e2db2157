#!/usr/bin/env node
import { watchEarlyInterrupts } from './early-interrupt.ts'

const args = process.argv.slice(2)
watchEarlyInterrupts(args)

// A reader that has seen enough, such as `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const { runCli } = await import('./run-cli.ts')
process.exitCode = await runCli(args)
