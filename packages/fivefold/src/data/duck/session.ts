import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance, type Json } from '@duckdb/node-api'
import { type Context, type ErrorCode, throwIfCancelled } from '../../core/index.ts'
import { duckError } from './duck-error.ts'
import { quoteText } from './sql.ts'

/** What DuckDB may hold in memory; beyond it spills to the session's folder. */
const MEMORY_LIMIT = '1GB'

export interface Failure {
  readonly code: ErrorCode
  /** What was being read or run; begins the message. */
  readonly place: string
}

/** A private DuckDB: its own folder for spilled and stored data, no extensions from outside, UTC. */
export interface DuckSession {
  readonly folder: string
  /** Runs statements for their effect. */
  run(sql: string, failure: Failure): Promise<void>
  /** All rows of a small result, as plain JSON values (BIGINT and DECIMAL as text, timestamps as text). */
  rows(sql: string, failure: Failure): Promise<Record<string, Json>[]>
  /** The chunks of a large result, in order, never all in memory. */
  chunks(sql: string, failure: Failure): AsyncIterable<DuckDBDataChunk>
  /** Work with a connection of its own, closed afterwards, interrupted when the context is cancelled. */
  use<T>(failure: Failure, work: (connection: DuckDBConnection) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface SessionOptions {
  readonly signal: AbortSignal
  readonly threads: number
  /** Tables are kept in a compressed file instead of memory. */
  readonly onDisk: boolean
}

export async function openSession(options: SessionOptions): Promise<DuckSession> {
  const folder = await mkdtemp(join(tmpdir(), 'fivefold-'))
  try {
    const instance = await createInstance(folder, options)
    return sessionOver(instance, folder, options.signal)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw duckError(error, 'STORE_UNAVAILABLE', 'temporary database')
  }
}

/** Options of a session from a context; a small source stays in memory. */
export function sessionOptions(context: Context, onDisk: boolean): SessionOptions {
  return { signal: context.signal, threads: context.threads, onDisk }
}

function createInstance(folder: string, options: SessionOptions): Promise<DuckDBInstance> {
  return DuckDBInstance.create(options.onDisk ? join(folder, 'table.duckdb') : ':memory:', {
    memory_limit: MEMORY_LIMIT,
    temp_directory: join(folder, 'spill'),
    threads: String(Math.max(1, options.threads)),
    preserve_insertion_order: 'true',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
}

function sessionOver(instance: DuckDBInstance, folder: string, signal: AbortSignal): DuckSession {
  let closed = false
  const use: DuckSession['use'] = async (failure, work) => {
    throwIfCancelled(signal)
    const connection = await instance.connect()
    const interrupt = (): void => connection.interrupt()
    signal.addEventListener('abort', interrupt, { once: true })
    try {
      await connection.run(`SET TimeZone = ${quoteText('UTC')}`)
      return await work(connection)
    } catch (error) {
      throw duckError(error, failure.code, failure.place)
    } finally {
      signal.removeEventListener('abort', interrupt)
      connection.closeSync()
    }
  }
  return {
    folder,
    use,
    run: (sql, failure) =>
      use(failure, async (connection) => {
        await connection.run(sql)
      }),
    rows: (sql, failure) =>
      use(failure, async (connection) => (await connection.runAndReadAll(sql)).getRowObjectsJson()),
    chunks: (sql, failure) => chunksOf(instance, signal, sql, failure),
    close: async () => {
      if (closed) return
      closed = true
      instance.closeSync()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function* chunksOf(
  instance: DuckDBInstance,
  signal: AbortSignal,
  sql: string,
  failure: Failure,
): AsyncIterable<DuckDBDataChunk> {
  throwIfCancelled(signal)
  const connection = await instance.connect()
  const interrupt = (): void => connection.interrupt()
  signal.addEventListener('abort', interrupt, { once: true })
  try {
    await connection.run(`SET TimeZone = ${quoteText('UTC')}`)
    const result = await connection.stream(sql)
    for (;;) {
      throwIfCancelled(signal)
      const chunk = await result.fetchChunk()
      if (!chunk || chunk.rowCount === 0) return
      yield chunk
    }
  } catch (error) {
    throw duckError(error, failure.code, failure.place)
  } finally {
    signal.removeEventListener('abort', interrupt)
    connection.closeSync()
  }
}
