import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance, Json } from '@duckdb/node-api'
import {
  type Context,
  type ErrorCode,
  FivefoldError,
  isOwnerGone,
  OWNER_TAG,
  OWNER_TAG_PATTERN,
  throwIfCancelled,
} from '../../core/index.ts'
import { loadDuckDb } from './binding.ts'
import { duckError } from './duck-error.ts'

const MEMORY_LIMIT = '1GB'

export interface Failure {
  readonly code: ErrorCode
  /** What was being read or run; begins the message. */
  readonly place: string
}

/** A private DuckDB: its own folder for spilled and stored data, no extensions from outside, UTC. */
export interface DuckSession {
  readonly folder: string
  /** Runs statements for their effect. `onShare` hears from time to time how much of a long one is done, in [0, 1]. */
  run(sql: string, failure: Failure, onShare?: (share: number) => void): Promise<void>
  /** All rows of a small result, as plain JSON values (BIGINT and DECIMAL as text, timestamps as text). */
  rows(sql: string, failure: Failure): Promise<Record<string, Json>[]>
  /** The chunks of a large result, in order, never all in memory. `before` may make temporary tables for the query. */
  chunks(
    sql: string,
    failure: Failure,
    before?: (connection: DuckDBConnection) => Promise<void>,
  ): AsyncIterable<DuckDBDataChunk>
  /** Work with a connection of its own, closed afterwards, interrupted when the context is cancelled. */
  use<T>(failure: Failure, work: (connection: DuckDBConnection) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export interface SessionOptions {
  readonly signal: AbortSignal
  readonly threads: number
  /** Tables are kept in a compressed file instead of memory. */
  readonly onDisk: boolean
  /** What DuckDB may hold in memory; beyond it spills to the session's folder. Default 1GB. */
  readonly memoryLimit?: string
}

export async function openSession(options: SessionOptions): Promise<DuckSession> {
  await removeAbandonedOnce()
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${OWNER_TAG}-`))
  try {
    const instance = await createInstance(folder, options)
    return sessionOver(instance, folder, options.signal)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw duckError(error, 'STORE_UNAVAILABLE', 'temporary database')
  }
}

const FOLDER_PREFIX = 'fivefold-db-'
const ABANDONED = new RegExp(`^${FOLDER_PREFIX}(${OWNER_TAG_PATTERN})-`)
let removed: Promise<void> | undefined

/** Folders of processes that were killed hold whole tables: the first session of a process takes them away. */
function removeAbandonedOnce(): Promise<void> {
  removed ??= removeAbandoned(tmpdir())
  return removed
}

async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const owner = ABANDONED.exec(name)?.[1]
    if (owner === undefined || !isOwnerGone(owner)) continue
    // Another user's folder stays.
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => {})
  }
}

/** Options of a session from a context; a small source stays in memory. */
export function sessionOptions(context: Context, onDisk: boolean): SessionOptions {
  return { signal: context.signal, threads: context.threads, onDisk }
}

async function createInstance(folder: string, options: SessionOptions): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await loadDuckDb()
  return DuckDBInstance.create(options.onDisk ? join(folder, 'table.duckdb') : ':memory:', {
    memory_limit: options.memoryLimit ?? MEMORY_LIMIT,
    temp_directory: join(folder, 'spill'),
    threads: String(Math.max(1, options.threads)),
    preserve_insertion_order: 'true',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
}

function sessionOver(instance: DuckDBInstance, folder: string, signal: AbortSignal): DuckSession {
  const pool = createConnections(instance, signal)
  return {
    folder,
    use: (failure, work) => useConnection(pool, failure, work),
    run: (sql, failure, onShare) =>
      useConnection(pool, failure, async (connection) => {
        const stopWatching = onShare && (await watch(connection, onShare))
        try {
          await connection.run(sql)
        } finally {
          stopWatching?.()
        }
      }),
    rows: (sql, failure) =>
      useConnection(pool, failure, async (connection) => (await connection.runAndReadAll(sql)).getRowObjectsJson()),
    chunks: (sql, failure, before) => chunksOf(pool, sql, failure, before),
    close: async () => {
      if (!pool.shut()) return
      instance.closeSync()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const WATCH_MS = 250

async function watch(connection: DuckDBConnection, onShare: (share: number) => void): Promise<() => void> {
  await connection.run('SET enable_progress_bar = true; SET enable_progress_bar_print = false')
  const timer = setInterval(() => {
    // Below 0 while DuckDB does not know.
    const { percentage } = connection.progress
    if (percentage > 0) onShare(Math.min(1, percentage / 100))
  }, WATCH_MS)
  return () => clearInterval(timer)
}

/** Connections in use, all interrupted together; each query has its own, since a stream holds its connection. */
interface Connections {
  open(): Promise<DuckDBConnection>
  release(connection: DuckDBConnection): void
  /** False where it was shut before. */
  shut(): boolean
  readonly signal: AbortSignal
}

function createConnections(instance: DuckDBInstance, signal: AbortSignal): Connections {
  const inUse = new Set<DuckDBConnection>()
  let closed = false
  const interruptAll = (): void => {
    for (const connection of inUse) connection.interrupt()
  }
  signal.addEventListener('abort', interruptAll)
  return {
    signal,
    async open() {
      throwIfCancelled(signal)
      if (closed) throw new FivefoldError('DATA_UNREADABLE', 'the table is closed')
      const connection = await instance.connect()
      inUse.add(connection)
      await connection.run(`SET TimeZone = 'UTC'`)
      return connection
    },
    release(connection) {
      inUse.delete(connection)
      connection.closeSync()
    },
    shut() {
      if (closed) return false
      closed = true
      signal.removeEventListener('abort', interruptAll)
      return true
    },
  }
}

async function useConnection<T>(
  pool: Connections,
  failure: Failure,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const connection = await pool.open()
  try {
    return await work(connection)
  } catch (error) {
    throw duckError(error, failure.code, failure.place)
  } finally {
    pool.release(connection)
  }
}

async function* chunksOf(
  pool: Connections,
  sql: string,
  failure: Failure,
  before?: (connection: DuckDBConnection) => Promise<void>,
): AsyncIterable<DuckDBDataChunk> {
  const connection = await pool.open()
  try {
    await before?.(connection)
    const result = await connection.stream(sql)
    for (;;) {
      throwIfCancelled(pool.signal)
      const chunk = await result.fetchChunk()
      if (!chunk || chunk.rowCount === 0) return
      yield chunk
    }
  } catch (error) {
    throw duckError(error, failure.code, failure.place)
  } finally {
    pool.release(connection)
  }
}
