import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api'
import { FivefoldError } from '../../core/index.ts'
import { type Column, type Frame, stringColumnFrom } from '../../data/index.ts'

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
  // Loaded where a log is read: a server that only writes one has no use for it.
  const { DuckDBInstance } = await import('@duckdb/node-api')
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
  return new FivefoldError('STORE_UNAVAILABLE', `prediction log ${path}: ${message}`, { cause: thrown })
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
