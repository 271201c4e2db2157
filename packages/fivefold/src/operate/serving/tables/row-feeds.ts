import { feedsOf } from '../../../bundle/index.ts'
import { didYouMean, FivefoldError, type Issue } from '../../../core/index.ts'
import { type Column, frameFromRows, missingText } from '../../../data/index.ts'
import type { Tensors } from '../model/servable.ts'
import type { ServedColumn } from '../model/table-face.ts'
import type { RequestRow } from './request-rows.ts'

/** More issues than these help nobody. */
const MAX_ISSUES = 100
/** Beyond these milliseconds from 1970 there are no dates (ECMAScript, time values). */
const MAX_DATE_MS = 8.64e15

export interface CheckedRows {
  readonly feeds: Tensors
  /** What the sender should know although the rows are taken. */
  readonly warnings: readonly string[]
}

/**
 * Holds rows against the model's columns and makes them its tensors, by the same rules as everywhere in Fivefold. Every cell
 * that does not fit is an issue with its row and column; so is a missing value where training had none, and a column
 * whose name looks like a slip in that of one which the row lacks. Other columns are left out, with a warning.
 *
 * @throws MODEL_INPUT with at most 100 issues
 */
export function feedsOfRows(rows: readonly RequestRow[], inputs: readonly ServedColumn[]): CheckedRows {
  const further = furtherColumns(rows, inputs)
  const columns = inputs.map((column) => ({ ...column, evidence: 'served' }))
  const { frame, issues } = frameFromRows(rows, { columns }, 'ignored')
  const found = [...further.issues, ...issues]
  const told = new Set(issues.map(({ path }) => `${path[1]} ${path[2]}`))
  for (const column of inputs)
    for (const issue of valueIssues(rows, frame.columns.get(column.name)!, column))
      if (!told.has(`${issue.path[1]} ${column.name}`)) found.push(issue)
  if (found.length > 0) throw inputError(found.slice(0, MAX_ISSUES))
  return {
    feeds: feedsOf(inputs, frame, 0, rows.length),
    warnings: further.names.size === 0 ? [] : [leftOut([...further.names])],
  }
}

const MAX_NAMED = 20

/** The words of `fivefold predict`; a sender may name a million columns. */
function leftOut(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMED).map((name) => name.slice(0, 100))
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : ''
  return `columns that are not asked for are left out: ${shown.join(', ')}${more}`
}

function inputError(issues: readonly Issue[]): FivefoldError {
  const first = issues[0]!
  const more = issues.length > 1 ? ` (and ${issues.length >= MAX_ISSUES ? 'many' : issues.length - 1} more)` : ''
  return new FivefoldError('MODEL_INPUT', `row ${first.path[1]}, '${first.path[2]}': ${first.message}${more}`, {
    issues,
  })
}

interface FurtherColumns {
  readonly names: ReadonlySet<string>
  /** One a name, at its first row: rows of one request mostly share their columns. */
  readonly issues: Issue[]
}

function furtherColumns(rows: readonly RequestRow[], inputs: readonly ServedColumn[]): FurtherColumns {
  const known = new Set(inputs.map(({ name }) => name))
  const names = new Set<string>()
  const issues: Issue[] = []
  rows.forEach((row, i) => {
    for (const name of Object.keys(row)) {
      if (known.has(name) || names.has(name)) continue
      names.add(name)
      if (names.size > MAX_COMPARED) continue
      const lacking = inputs.filter((column) => !Object.hasOwn(row, column.name)).map((column) => column.name)
      const hint = didYouMean(name, lacking)
      if (hint) issues.push({ path: ['rows', i, name], message: `the model has no such column${hint}` })
    }
  })
  return { names, issues }
}

/** Comparing names is slow where there are very many, and nobody misspells more than these. */
const MAX_COMPARED = 200

function valueIssues(rows: readonly RequestRow[], column: Column, { name, nullable, type }: ServedColumn): Issue[] {
  const issues: Issue[] = []
  const length = column.kind === 'number' ? column.values.length : column.codes.length
  for (let row = 0; row < length && issues.length < MAX_ISSUES; row++) {
    const missing = column.kind === 'number' ? Number.isNaN(column.values[row]!) : column.codes[row]! < 0
    const late = type === 'datetime' && column.kind === 'number' && Math.abs(column.values[row]!) > MAX_DATE_MS
    if (missing && !nullable)
      issues.push({ path: ['rows', row, name], message: `${missingText(rows[row]![name])}, and never so in training` })
    if (late) issues.push({ path: ['rows', row, name], message: 'beyond the range of dates' })
  }
  return issues
}
