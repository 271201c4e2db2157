import { FivefoldError } from '../../../core/index.ts'
import { readParquetCells } from '../../../data/index.ts'
import type { ServedColumn } from '../model/table-face.ts'
import type { ServingLimits } from '../runtime/limits.ts'
import type { Turns } from '../runtime/turns.ts'
import { mostColumns } from '../wire/json-bounds.ts'
import { joinLines } from '../wire/json-lines.ts'
import { readArrow } from './arrow/read-arrow.ts'
import { namesOf, rowsOfCells } from './cell-table.ts'
import { type RequestRow, requireRows, rowsOfCsv, rowsOfJson, rowsOfJsonLines } from './request-rows.ts'
import type { TableType } from './table-types.ts'

export interface BodyReading {
  readonly columns: readonly ServedColumn[]
  readonly limits: ServingLimits
  /** Aborts when the sender has gone. */
  readonly signal: AbortSignal
  /** For files that take a database to read. */
  readonly turns: Turns
}

/**
 * The rows of a body of any of the types. Parquet is read off the event loop.
 *
 * @throws REQUEST_INVALID, REQUEST_TOO_LARGE, MODEL_INPUT, CANCELLED, TIMEOUT
 */
export function rowsOfBody(body: Buffer, type: TableType, reading: BodyReading): RequestRow[] | Promise<RequestRow[]> {
  const { columns, limits } = reading
  switch (type) {
    case 'application/json':
      return rowsOfJson(body, columns, limits.rows)
    case 'application/jsonlines':
      return rowsOfJsonLines(joinLines(body), columns, limits.rows)
    case 'text/csv':
      return rowsOfCsv(body, columns, limits.rows)
    case 'application/vnd.apache.arrow.stream':
    case 'application/vnd.apache.arrow.file':
      return requireRows(rowsOfCells(readArrow(body, namesOf(columns), boundsOf(reading)), columns, limits.bodyBytes))
    case 'application/vnd.apache.parquet':
      return reading.turns(() => rowsOfParquet(body, reading))
  }
}

const boundsOf = ({ columns, limits }: BodyReading): { rows: number; columns: number } => ({
  rows: limits.rows,
  columns: mostColumns(columns.length),
})

async function rowsOfParquet(body: Buffer, reading: BodyReading): Promise<RequestRow[]> {
  const { columns, limits } = reading
  const deadline = AbortSignal.timeout(limits.timeoutMs)
  const signal = AbortSignal.any([reading.signal, deadline])
  const bounds = { ...boundsOf(reading), characters: limits.bodyBytes }
  const cells = await readParquetCells(body, namesOf(columns), bounds, { signal }).catch((thrown: unknown) => {
    if (!deadline.aborted) throw thrown
    throw new FivefoldError('TIMEOUT', `the Parquet file was not read within ${limits.timeoutMs} ms`, { cause: thrown })
  })
  return requireRows(rowsOfCells(cells, columns, limits.bodyBytes))
}
