import { FivefoldError, type Issue } from '../../core/index.ts'
import { type Column, type Frame, frameFromRows } from '../../data/index.ts'
import type { RequestRow } from './request-rows.ts'
import type { ServedColumn } from './served-model.ts'

/** More issues than these help nobody. */
const MAX_ISSUES = 100
/** Beyond these milliseconds from 1970 there are no dates (ECMAScript, time values). */
const MAX_DATE_MS = 8.64e15

/**
 * Holds rows against the model's columns and makes them a frame, by the same rules as everywhere in Fivefold. Every cell
 * that does not fit is an issue with its row and column; so is a column that the model does not have, since it is most
 * often a misspelt name, and a missing value where training had none.
 *
 * @throws MODEL_INPUT with at most 100 issues
 */
export function frameOfRows(rows: readonly RequestRow[], inputs: readonly ServedColumn[]): Frame {
  const unknown = unknownColumns(rows, inputs)
  const columns = inputs.map((column) => ({ ...column, evidence: 'served' }))
  const { frame, issues } = frameFromRows(rows, { columns })
  const cells = issues.filter(({ path }) => !unknown.names.has(String(path[2])))
  const found = [...unknown.issues, ...cells]
  const told = new Set(cells.map(({ path }) => `${path[1]} ${path[2]}`))
  for (const column of inputs)
    for (const issue of valueIssues(frame.columns.get(column.name)!, column))
      if (!told.has(`${issue.path[1]} ${column.name}`)) found.push(issue)
  if (found.length > 0) throw inputError(found.slice(0, MAX_ISSUES))
  return frame
}

function inputError(issues: readonly Issue[]): FivefoldError {
  const first = issues[0]!
  const more = issues.length > 1 ? ` (and ${issues.length >= MAX_ISSUES ? 'many' : issues.length - 1} more)` : ''
  return new FivefoldError('MODEL_INPUT', `row ${first.path[1]}, '${first.path[2]}': ${first.message}${more}`, {
    issues,
  })
}

interface UnknownColumns {
  readonly names: ReadonlySet<string>
  /** One a name, at its first row: rows of one request mostly share their columns. */
  readonly issues: Issue[]
}

function unknownColumns(rows: readonly RequestRow[], inputs: readonly ServedColumn[]): UnknownColumns {
  const known = new Set(inputs.map(({ name }) => name))
  const names = new Set<string>()
  const issues: Issue[] = []
  rows.forEach((row, i) => {
    for (const name of Object.keys(row)) {
      if (known.has(name) || names.has(name)) continue
      names.add(name)
      issues.push({ path: ['rows', i, name], message: `the model has no such column${nearest(name, inputs)}` })
    }
  })
  return { names, issues }
}

function nearest(name: string, inputs: readonly ServedColumn[]): string {
  const same = inputs.find((column) => fold(column.name) === fold(name))
  return same ? `; did you mean '${same.name}'?` : ''
}

const fold = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

function valueIssues(column: Column, { name, nullable, type }: ServedColumn): Issue[] {
  const issues: Issue[] = []
  const length = column.kind === 'number' ? column.values.length : column.codes.length
  for (let row = 0; row < length && issues.length < MAX_ISSUES; row++) {
    const missing = column.kind === 'number' ? Number.isNaN(column.values[row]!) : column.codes[row]! < 0
    const late = type === 'datetime' && column.kind === 'number' && Math.abs(column.values[row]!) > MAX_DATE_MS
    if (missing && !nullable) issues.push({ path: ['rows', row, name], message: 'missing, and never so in training' })
    if (late) issues.push({ path: ['rows', row, name], message: 'beyond the range of dates' })
  }
  return issues
}
