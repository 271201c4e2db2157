import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Kysely, SqliteDialect, sql, type Transaction } from 'kysely'
import { FivefoldError } from '../core/index.ts'
import { applyMigrations } from './migrations.ts'

export interface Tables {
  experiments: { id: string; name: string; created_ms: number }
  runs: { id: string; experiment_id: string; status: string; started_ms: number; ended_ms: number | null }
  params: { run_id: string; key: string; value: string }
  tags: { run_id: string; key: string; value: string }
  metrics: MetricRow
  latest_metrics: MetricRow
  artifacts: { run_id: string; name: string; sha256: string; size_bytes: number }
  models: { name: string; created_ms: number }
  model_versions: {
    model: string
    version: number
    content_hash: string
    run_id: string | null
    metrics: string
    created_ms: number
  }
  model_aliases: { model: string; alias: string; version: number }
  /** `sequence` keeps the order of entries of the same millisecond. */
  audit: { sequence?: number; timestamp_ms: number; action: string; model: string; details: string }
  migrations: { number: number; name: string; applied_ms: number }
}

/** `value` is null for NaN, which SQLite has no form of. */
interface MetricRow {
  run_id: string
  key: string
  step: number
  timestamp_ms: number
  value: number | null
}

export type Database = Kysely<Tables>
export type WriteTransaction = Transaction<Tables> | Kysely<Tables>

/** How long a writer waits for another process to finish, before STORE_UNAVAILABLE. */
const BUSY_TIMEOUT_MS = 15_000

/** Opens or makes the database file and brings it to the current form. Throws STORE_UNAVAILABLE. */
export async function openDatabase(path: string, nowMs: number): Promise<Database> {
  try {
    const { default: Libsql } = await import('libsql')
    await mkdir(dirname(resolve(path)), { recursive: true })
    const file = new Libsql(path, { timeout: BUSY_TIMEOUT_MS })
    // Readers go on while one process writes, and a commit survives the death of the process.
    file.pragma('journal_mode = WAL')
    file.pragma('synchronous = NORMAL')
    file.pragma('foreign_keys = ON')
    const database = new Kysely<Tables>({ dialect: new SqliteDialect({ database: file }) })
    await inWriteTransaction(database, (transaction) => applyMigrations(transaction, nowMs))
    return database
  } catch (cause) {
    throw unavailable(cause, `the tracking store at ${path} does not open`)
  }
}

/**
 * Runs `work` with the write lock taken at the start: a transaction that begins as a reader may fail to become a writer
 * where another process wrote in between, and no waiting would help.
 */
export async function inWriteTransaction<T>(
  database: Database,
  work: (transaction: WriteTransaction) => Promise<T>,
): Promise<T> {
  try {
    return await database.connection().execute(async (connection) => {
      await sql`begin immediate`.execute(connection)
      try {
        const result = await work(connection)
        await sql`commit`.execute(connection)
        return result
      } catch (error) {
        await sql`rollback`.execute(connection).catch(() => {})
        throw error
      }
    })
  } catch (cause) {
    throw unavailable(cause, 'the tracking store cannot be written')
  }
}

function unavailable(cause: unknown, what: string): FivefoldError {
  const known = FivefoldError.from(cause, 'STORE_UNAVAILABLE')
  if (known.code !== 'STORE_UNAVAILABLE' || cause instanceof FivefoldError) return known
  return new FivefoldError('STORE_UNAVAILABLE', `${what}: ${known.message}`, { cause })
}
