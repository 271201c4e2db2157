import type { FivefoldError } from '../core/index.ts'

/** The one JSON document of a command. Numbers that JSON lacks never occur in results. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
}

export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`)
}

export function printJsonError(error: FivefoldError): void {
  const { code, message, remedy, issues } = error
  printJson({ error: { code, message, remedy, issues } })
}

const SHOWN_ISSUES = 20

/** Message, places, what to do. Commander has already shown its own usage errors. */
export function printError(error: FivefoldError, alreadyShown = false): void {
  const lines = alreadyShown ? [] : [`error ${error.code}: ${error.message}`]
  for (const issue of error.issues.slice(0, SHOWN_ISSUES))
    lines.push(`  at ${issue.path.join('.') || 'the top'}: ${issue.message}`)
  if (error.issues.length > SHOWN_ISSUES) lines.push(`  and ${error.issues.length - SHOWN_ISSUES} more`)
  lines.push(`  ${error.remedy}`)
  process.stderr.write(`${lines.join('\n')}\n`)
  if (error.code === 'INTERNAL' && process.env.FIVEFOLD_DEBUG) console.error(error.cause ?? error)
}
