import type { Issue } from '../core/index.ts'
import { type Column, type Frame, finiteOrNaN, stringColumnFrom } from './frame.ts'
import { type ColumnSchema, isNumeric, type Schema } from './schema.ts'

export interface RowsAsFrame {
  readonly frame: Frame
  /** Paths begin with 'rows' and the row's position; empty where every row fits. */
  readonly issues: readonly Issue[]
}

/** Enough to see what is wrong; a request of a million bad rows must not make a million messages. */
const MAX_ISSUES = 100

/**
 * Rows of a request as columns of a schema, in the schema's order. `null`, an absent key and '' are missing. Numbers are
 * also taken from numeric text, text also from numbers and booleans, datetimes from ISO 8601 text and epoch milliseconds.
 * Issues: unknown columns, missing values where the tensor is int64 or bool, values of another type.
 *
 * @param further what becomes of columns that the schema does not have
 */
export function frameFromRows(
  rows: readonly Record<string, unknown>[],
  schema: Schema,
  further: 'reported' | 'ignored' = 'reported',
): RowsAsFrame {
  const issues: Issue[] = []
  const report = (row: number, name: string, message: string): void => {
    if (issues.length < MAX_ISSUES) issues.push({ path: ['rows', row, name], message })
  }
  if (further === 'reported') reportUnknown(rows, schema, report)
  const columns = new Map(schema.columns.map((column) => [column.name, columnFrom(rows, column, report)]))
  return { frame: { rowCount: rows.length, columns }, issues }
}

type Report = (row: number, name: string, message: string) => void

function reportUnknown(rows: readonly Record<string, unknown>[], schema: Schema, report: Report): void {
  const known = new Set(schema.columns.map(({ name }) => name))
  for (const [row, values] of rows.entries()) {
    for (const name of Object.keys(values)) if (!known.has(name)) report(row, name, 'no such column')
  }
}

function columnFrom(rows: readonly Record<string, unknown>[], schema: ColumnSchema, report: Report): Column {
  const { name } = schema
  const cellOf = (values: Record<string, unknown>): unknown => (Object.hasOwn(values, name) ? values[name] : undefined)
  if (!isNumeric(schema.type, schema.tensor))
    return stringColumnFrom(
      rows.map((values, row) => textFrom(cellOf(values), (message) => report(row, name, message))),
    )
  const convert = schema.type === 'datetime' ? instantFrom : numberFrom
  const values = new Float64Array(rows.length)
  for (const [row, record] of rows.entries()) {
    const say = (message: string): void => report(row, name, message)
    const value = convert(cellOf(record), say)
    values[row] = value === undefined ? Number.NaN : checkTensor(value, cellOf(record), schema, say)
  }
  return { kind: 'number', values }
}

/** NaN is missing; undefined is a value that was reported. */
type Converted = number | undefined
type Say = (message: string) => void

function checkTensor(value: number, cell: unknown, { tensor }: ColumnSchema, say: Say): number {
  if (tensor === 'double') return value
  if (Number.isNaN(value)) say(`${missingText(cell)}, and the model takes no missing ${tensor}`)
  else if (tensor === 'int64' && !Number.isInteger(value)) say(`${value} is not an integer`)
  else if (tensor === 'int64' && !Number.isSafeInteger(value)) say(`${show(cell)} is beyond ±2^53`)
  else if (tensor === 'bool' && value !== 0 && value !== 1) say(`${value} is not true or false`)
  else return value
  return Number.NaN
}

function numberFrom(value: unknown, say: Say): Converted {
  if (isMissing(value)) return Number.NaN
  if (typeof value === 'number') return finiteOrNaN(value)
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'bigint') return Number(value)
  if (typeof value === 'string') {
    const lower = value.trim().toLowerCase()
    if (lower === 'true' || lower === 'false') return Number(lower === 'true')
    const parsed = Number(lower)
    if (!Number.isNaN(parsed)) return finiteOrNaN(parsed)
  }
  say(`${show(value)} is not a number`)
  return undefined
}

const ISO_INSTANT = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}(:?\d{2})?)?)?$/

function instantFrom(value: unknown, say: Say): Converted {
  if (isMissing(value)) return Number.NaN
  if (typeof value === 'number') return finiteOrNaN(value)
  if (value instanceof Date) return value.getTime()
  if (typeof value === 'string' && ISO_INSTANT.test(value.trim())) {
    const parsed = Date.parse(utcText(value.trim()))
    if (!Number.isNaN(parsed)) return parsed
  }
  say(`${show(value)} is not an ISO 8601 datetime or a number of milliseconds since 1970`)
  return undefined
}

/** Without an offset the text is UTC, where JavaScript would take the local time of the server. */
function utcText(text: string): string {
  const joined = text.replace(' ', 'T').replace(/\s+/g, '')
  const offset = joined.replace(/([+-]\d{2})$/, '$1:00').replace(/([+-]\d{2})(\d{2})$/, '$1:$2')
  const time = joined.length > 10
  if (!time) return joined
  return /(Z|[+-]\d{2}:?\d{0,2})$/.test(joined.slice(10)) ? offset : `${joined}Z`
}

function textFrom(value: unknown, say: Say): string | undefined {
  if (isMissing(value)) return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  say(`${show(value)} is not text`)
  return undefined
}

function isMissing(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (typeof value === 'string' && value.trim() === '')
}

/** What is said of a cell that counts as missing: an infinite number was sent, and should not be called absent. */
export function missingText(cell: unknown): string {
  return typeof cell === 'number' ? `${cell} counts as missing` : 'missing'
}

function show(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  const text = typeof value === 'string' ? `'${value}'` : Array.isArray(value) ? 'a list' : typeof value
  return text.length > 60 ? `${text.slice(0, 60)}...` : text
}
