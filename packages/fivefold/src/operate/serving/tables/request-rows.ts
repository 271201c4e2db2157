import { FivefoldError } from '../../../core/index.ts'
import type { ServedColumn } from '../model/table-face.ts'
import { boundsOfRows, mostColumns } from '../wire/json-bounds.ts'
import type { JoinedLines } from '../wire/json-lines.ts'
import { parseJson } from '../wire/parse-json.ts'
import { parseCsvRows } from './csv-rows.ts'

/** A row as it was sent: nothing about it has been checked but that it is an object. */
export type RequestRow = Readonly<Record<string, unknown>>

const SHAPES = 'Send {"rows": [{column: value, ...}, ...]}, an array of such rows, or one row.'

/** Rows of a JSON body: `{rows: [...]}`, a bare array, or a single row. */
export function rowsOfJson(body: Uint8Array, inputs: readonly ServedColumn[], maxRows: number): RequestRow[] {
  return checkRows(rowsIn(parseJson(body, boundsOfRows(maxRows, inputs.length)), inputs), maxRows)
}

/** Rows of JSON lines, one object a line. */
export function rowsOfJsonLines(
  { list, count }: JoinedLines,
  inputs: readonly ServedColumn[],
  maxRows: number,
): RequestRow[] {
  const rows = parseJson(list, boundsOfRows(maxRows, inputs.length))
  if (Array.isArray(rows) && rows.length === count) return checkRows(rows, maxRows)
  throw new FivefoldError('REQUEST_INVALID', 'a line is not one JSON value')
}

/** Rows of a CSV body with a header line. */
export function rowsOfCsv(body: Uint8Array, inputs: readonly ServedColumn[], maxRows: number): RequestRow[] {
  const text = new TextDecoder().decode(body)
  return checkRows(parseCsvRows(text, { rows: maxRows, columns: mostColumns(inputs.length) }), maxRows)
}

function rowsIn(body: unknown, inputs: readonly ServedColumn[]): unknown[] {
  if (Array.isArray(body)) return body
  if (!isObject(body)) throw new FivefoldError('REQUEST_INVALID', 'the body is not rows', { remedy: SHAPES })
  // A model may well have a column named 'rows': then the envelope is what holds an array there.
  if (Array.isArray(body.rows)) return rowsInEnvelope(body, body.rows)
  if (Object.hasOwn(body, 'rows') && !inputs.some(({ name }) => name === 'rows'))
    throw new FivefoldError('REQUEST_INVALID', "'rows' is not an array", { remedy: SHAPES })
  return [body]
}

function rowsInEnvelope(body: RequestRow, rows: unknown[]): unknown[] {
  const other = Object.keys(body).filter((key) => key !== 'rows')
  if (other.length === 0) return rows
  throw new FivefoldError('REQUEST_INVALID', `unknown keys beside 'rows': ${other.slice(0, 10).join(', ')}`, {
    issues: other.slice(0, 10).map((key) => ({ path: [key], message: "only 'rows' is understood here" })),
    remedy: SHAPES,
  })
}

/** @throws REQUEST_INVALID where there are none */
export function requireRows<Row>(rows: Row[]): Row[] {
  if (rows.length > 0) return rows
  throw new FivefoldError('REQUEST_INVALID', 'there are no rows in the request')
}

function checkRows(rows: unknown[], maxRows: number): RequestRow[] {
  requireRows(rows)
  if (rows.length > maxRows)
    throw new FivefoldError('REQUEST_TOO_LARGE', `${rows.length} rows; at most ${maxRows} a request`)
  const issues = rows.flatMap((row, i) => (isObject(row) ? [] : [{ path: ['rows', i], message: 'is not an object' }]))
  if (issues.length > 0)
    throw new FivefoldError('MODEL_INPUT', `row ${issues[0]!.path[1]} is not an object`, {
      issues: issues.slice(0, 100),
      remedy: SHAPES,
    })
  return rows as RequestRow[]
}

function isObject(value: unknown): value is RequestRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
