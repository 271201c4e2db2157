import { FivefoldError, type Issue } from '../../core/index.ts'
import { type Column, type Frame, stringColumnFrom } from '../../data/index.ts'
import type { RequestRow } from './request-rows.ts'
import type { ServedColumn } from './served-model.ts'

/** More issues than these help nobody. */
const MAX_ISSUES = 100

/**
 * Holds rows against the model's columns and makes them a frame. Every cell that does not fit is an issue with its row
 * and column; a column that the model does not have is one too, since it is most often a misspelt name.
 *
 * @throws MODEL_INPUT with at most 100 issues
 */
export function frameOfRows(rows: readonly RequestRow[], inputs: readonly ServedColumn[]): Frame {
  const issues: Issue[] = []
  refuseUnknown(rows, inputs, issues)
  const columns = new Map(inputs.map((column) => [column.name, readColumn(rows, column, issues)]))
  if (issues.length > 0) throw inputError(issues)
  return { rowCount: rows.length, columns }
}

function inputError(issues: readonly Issue[]): FivefoldError {
  const first = issues[0]!
  const more = issues.length > 1 ? ` (and ${issues.length >= MAX_ISSUES ? 'many' : issues.length - 1} more)` : ''
  return new FivefoldError('MODEL_INPUT', `row ${first.path[1]}, '${first.path[2]}': ${first.message}${more}`, {
    issues,
  })
}

function refuseUnknown(rows: readonly RequestRow[], inputs: readonly ServedColumn[], issues: Issue[]): void {
  const known = new Set(inputs.map(({ name }) => name))
  const seen = new Set<string>()
  rows.forEach((row, i) => {
    for (const name of Object.keys(row)) {
      // Named once, at its first row: rows of one request mostly share their columns.
      if (known.has(name) || seen.has(name) || issues.length >= MAX_ISSUES) continue
      seen.add(name)
      issues.push({ path: ['rows', i, name], message: `the model has no such column${nearest(name, inputs)}` })
    }
  })
}

function nearest(name: string, inputs: readonly ServedColumn[]): string {
  const same = inputs.find((column) => fold(column.name) === fold(name))
  return same ? `; did you mean '${same.name}'?` : ''
}

const fold = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

function readColumn(rows: readonly RequestRow[], column: ServedColumn, issues: Issue[]): Column {
  const read = column.tensor === 'string' ? readText : numberReader(column)
  const values = rows.map((row, i) => {
    const cell = Object.hasOwn(row, column.name) ? row[column.name] : undefined
    if (isMissing(cell)) {
      if (!column.nullable) addIssue(issues, i, column, `is missing; ${expectation(column)}`)
      return null
    }
    const value = read(cell)
    if (value === undefined) addIssue(issues, i, column, `${shown(cell)} given; ${expectation(column)}`)
    return value
  })
  if (column.tensor === 'string') return stringColumnFrom(values)
  return {
    kind: 'number',
    values: Float64Array.from(values, (value) => (typeof value === 'number' ? value : Number.NaN)),
  }
}

function addIssue(issues: Issue[], row: number, column: ServedColumn, message: string): void {
  if (issues.length < MAX_ISSUES) issues.push({ path: ['rows', row, column.name], message })
}

function isMissing(cell: unknown): boolean {
  return cell === null || cell === undefined || cell === '' || (typeof cell === 'number' && Number.isNaN(cell))
}

/** A category may be written with digits only, and is a text all the same. */
function readText(cell: unknown): string | undefined {
  if (typeof cell === 'string') return cell
  return typeof cell === 'bigint' || (typeof cell === 'number' && Number.isFinite(cell)) ? String(cell) : undefined
}

function numberReader(column: ServedColumn): (cell: unknown) => number | undefined {
  if (column.type === 'datetime') return readDatetime
  if (column.type === 'boolean' || column.tensor === 'bool') return readBoolean
  return column.tensor === 'int64' ? readInteger : readNumber
}

const readNumber = (cell: unknown): number | undefined =>
  typeof cell === 'bigint' ? Number(cell) : typeof cell === 'number' && Number.isFinite(cell) ? cell : undefined

/** Beyond 2^53 a double would hold a neighbour instead; another number than the one sent is never predicted on. */
const readInteger = (cell: unknown): number | undefined => (Number.isSafeInteger(cell) ? (cell as number) : undefined)

const readBoolean = (cell: unknown): number | undefined =>
  cell === true || cell === 1 ? 1 : cell === false || cell === 0 ? 0 : undefined

/** Year to second with an optional fraction and zone, as ISO 8601 has it. Without a zone it is UTC, as in training. */
const ISO_DATETIME = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/
const MAX_DATE_MS = 8.64e15

function readDatetime(cell: unknown): number | undefined {
  if (typeof cell === 'number') return Math.abs(cell) <= MAX_DATE_MS ? cell : undefined
  const match = typeof cell === 'string' ? ISO_DATETIME.exec(cell.trim()) : null
  if (!match) return undefined
  const [, date, time = '00:00', zone = 'Z'] = match
  const epochMs = Date.parse(`${date}T${time}${zone}`)
  return Number.isNaN(epochMs) ? undefined : epochMs
}

function expectation(column: ServedColumn): string {
  if (column.tensor === 'string') return 'expected a text'
  if (column.type === 'datetime') return 'expected an ISO 8601 datetime or epoch milliseconds'
  if (column.type === 'boolean' || column.tensor === 'bool') return 'expected true or false'
  return column.tensor === 'int64' ? 'expected an integer of at most 53 bits' : 'expected a finite number'
}

/** A cell in an error message: short, whatever was sent. */
function shown(cell: unknown): string {
  if (Array.isArray(cell)) return 'an array was'
  if (typeof cell === 'object') return 'an object was'
  const text = typeof cell === 'string' ? JSON.stringify(cell) : String(cell)
  return text.length > 40 ? `${text.slice(0, 40)}… was` : `${text} was`
}
