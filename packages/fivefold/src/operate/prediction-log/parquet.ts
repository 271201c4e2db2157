import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api'
import { FivefoldError } from '../../core/index.ts'
import type { Column, Frame } from '../../data/index.ts'
import { stringColumnFrom } from '../../data/index.ts'
import type { LoggedFrame, StoredType } from './log-columns.ts'

const CHUNK_ROWS = 2048

/** Writes a frame as Parquet (zstd). The file is there but not yet synced when this resolves. */
export async function writeLogParquet(path: string, { frame, types }: LoggedFrame): Promise<void> {
  await withDuckDb(path, async (connection) => {
    const names = [...frame.columns.keys()]
    const staged = names.map((name) => `${quoteName(name)} ${types.get(name) === 'VARCHAR' ? 'VARCHAR' : 'DOUBLE'}`)
    await connection.run(`CREATE TABLE staged (${staged.join(', ')})`)
    await appendFrame(connection, frame)
    const selected = names.map((name) => `${storedExpression(quoteName(name), types.get(name)!)} AS ${quoteName(name)}`)
    await connection.run(
      `COPY (SELECT ${selected.join(', ')} FROM staged) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd)`,
    )
  })
}

/** Reads the columns of a log file; timestamps as epoch milliseconds. `where` is a condition over its columns. */
export async function readLogParquet(path: string, where: string): Promise<Frame> {
  return withDuckDb(path, async (connection) => {
    const source = `read_parquet(${quoteText(path)})`
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`)
    const columns = described
      .getRowObjectsJson()
      .map((row) => [String(row.column_name), String(row.column_type)] as const)
    const selected = columns.map(([name, type]) => readExpression(quoteName(name), type))
    const result = await connection.runAndReadAll(`SELECT ${selected.join(', ')} FROM ${source} WHERE ${where}`)
    // A result without rows has no columns either.
    const values = result.getColumns()
    return {
      rowCount: result.currentRowCount,
      columns: new Map(columns.map(([name, type], i) => [name, columnFrom(values[i] ?? [], type)])),
    }
  })
}

async function withDuckDb<T>(path: string, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '512MB' })
  try {
    const connection = await instance.connect()
    try {
      return await work(connection)
    } finally {
      connection.closeSync()
    }
  } catch (thrown) {
    throw duckDbError(thrown, path)
  } finally {
    instance.closeSync()
  }
}

function duckDbError(thrown: unknown, path: string): FivefoldError {
  const message = thrown instanceof Error ? thrown.message.split('\n', 1)[0]! : String(thrown)
  const code = /No space left|Could not write all bytes/i.test(message) ? 'STORAGE_FULL' : 'STORE_UNAVAILABLE'
  return new FivefoldError(code, `prediction log ${path}: ${message}`, { cause: thrown })
}

async function appendFrame(connection: DuckDBConnection, frame: Frame): Promise<void> {
  const columns = [...frame.columns.values()]
  const types = columns.map((column) => (column.kind === 'string' ? VARCHAR : DOUBLE))
  const appender = await connection.createAppender('staged')
  for (let start = 0; start < frame.rowCount; start += CHUNK_ROWS) {
    const end = Math.min(start + CHUNK_ROWS, frame.rowCount)
    const chunk = DuckDBDataChunk.create(types, end - start)
    columns.forEach((column, c) => {
      chunk.setColumnValues(c, chunkValues(column, start, end))
    })
    appender.appendDataChunk(chunk)
  }
  appender.closeSync()
}

function chunkValues(column: Column, start: number, end: number): DuckDBValue[] {
  if (column.kind === 'number')
    return Array.from(column.values.subarray(start, end), (value) => (Number.isNaN(value) ? null : value))
  return Array.from(column.codes.subarray(start, end), (code) => (code < 0 ? null : column.dictionary[code]!))
}

function storedExpression(name: string, type: StoredType): string {
  if (type === 'VARCHAR' || type === 'DOUBLE') return name
  return type === 'TIMESTAMP' ? `make_timestamp(round(${name} * 1000)::BIGINT)` : `${name}::${type}`
}

function readExpression(name: string, type: string): string {
  if (type === 'VARCHAR') return name
  return type.startsWith('TIMESTAMP') ? `epoch_us(${name})::DOUBLE / 1000` : `${name}::DOUBLE`
}

function columnFrom(values: readonly DuckDBValue[], type: string): Column {
  if (type === 'VARCHAR') return stringColumnFrom(values)
  return { kind: 'number', values: Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value))) }
}

const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`
