import type { DuckDBAppender, DuckDBConnection, DuckDBDataChunk, DuckDBType } from '@duckdb/node-api'
import { loadDuckDb } from './duck/binding.ts'
import { quoteName } from './duck/sql.ts'
import type { Column, Frame } from './frame.ts'
import { columnOf } from './frame.ts'
import { type ColumnSchema, isNumeric } from './schema.ts'

const CHUNK_ROWS = 2048

/** Appends frames to a table of a DuckDB connection, numbers as DOUBLE with NaN for missing. */
export interface FrameAppender {
  append(frame: Frame): void
  close(): void
}

export async function createFrameAppender(
  connection: DuckDBConnection,
  table: string,
  columns: readonly ColumnSchema[],
): Promise<FrameAppender> {
  const duck = await loadDuckDb()
  const types = columns.map((column) => (isNumeric(column.type, column.tensor) ? duck.DOUBLE : duck.VARCHAR))
  const defined = columns.map(({ name }, at) => `${quoteName(name)} ${types[at]!.toString()}`)
  await connection.run(`CREATE TABLE ${quoteName(table)} (${defined.join(', ')})`)
  const appender = await connection.createAppender(table)
  return {
    append: (frame) => appendFrame(duck, appender, types, columns, frame),
    close: () => appender.closeSync(),
  }
}

type DuckDb = Awaited<ReturnType<typeof loadDuckDb>>

function appendFrame(
  duck: DuckDb,
  appender: DuckDBAppender,
  types: readonly DuckDBType[],
  columns: readonly ColumnSchema[],
  frame: Frame,
): void {
  const sources = columns.map(({ name }) => columnOf(frame, name))
  for (let start = 0; start < frame.rowCount; start += CHUNK_ROWS) {
    const size = Math.min(CHUNK_ROWS, frame.rowCount - start)
    const chunk = duck.DuckDBDataChunk.create(types, size)
    for (const [at, column] of sources.entries()) fillVector(duck, chunk, at, column, start, size)
    appender.appendDataChunk(chunk)
  }
  appender.flushSync()
}

function fillVector(
  duck: DuckDb,
  chunk: DuckDBDataChunk,
  at: number,
  column: Column,
  start: number,
  size: number,
): void {
  const vector = chunk.getColumnVector(at)
  if (column.kind === 'number' && vector instanceof duck.DuckDBDoubleVector) {
    for (let row = 0; row < size; row++) vector.setItem(row, column.values[start + row]!)
    vector.flush()
    return
  }
  chunk.setColumnValues(at, textsOf(column, start, size))
}

function textsOf(column: Column, start: number, size: number): (string | null)[] {
  const texts = new Array<string | null>(size)
  for (let row = 0; row < size; row++) {
    if (column.kind === 'number') {
      const value = column.values[start + row]!
      texts[row] = Number.isNaN(value) ? null : String(value)
    } else {
      const code = column.codes[start + row]!
      texts[row] = code < 0 ? null : column.dictionary[code]!
    }
  }
  return texts
}

/** A temporary table of one column of whole numbers, visible to the connection alone. */
export async function appendNumbers(
  connection: DuckDBConnection,
  table: string,
  column: string,
  numbers: Uint32Array,
): Promise<void> {
  const { DuckDBDataChunk, UINTEGER } = await loadDuckDb()
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${quoteName(table)} (${quoteName(column)} UINTEGER)`)
  const appender = await connection.createAppender(table, null, 'temp')
  for (let start = 0; start < numbers.length; start += CHUNK_ROWS) {
    const size = Math.min(CHUNK_ROWS, numbers.length - start)
    const chunk = DuckDBDataChunk.create([UINTEGER], size)
    const vector = chunk.getColumnVector(0)
    for (let row = 0; row < size; row++) vector.setItem(row, numbers[start + row]!)
    vector.flush()
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

/** A column of the appended table as the type that its schema means, NULL for missing. */
export function typedSql({ name, type, tensor }: ColumnSchema): string {
  const value = quoteName(name)
  if (!isNumeric(type, tensor)) return value
  const present = `(CASE WHEN isnan(${value}) THEN NULL ELSE ${value} END)`
  if (type === 'datetime') return `epoch_ms(CAST(${present} AS BIGINT)) AS ${value}`
  if (type === 'boolean' || tensor === 'bool') return `CAST(${present} AS BOOLEAN) AS ${value}`
  if (type === 'integer' || tensor === 'int64') return `CAST(${present} AS BIGINT) AS ${value}`
  return `${present} AS ${value}`
}
