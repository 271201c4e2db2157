import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Kysely, SqliteDialect, sql } from 'kysely'
import { FivefoldError } from '../core/index.ts'
import { applyMigrations } from './migrations.ts'
import type { Database, Tables, WriteTransaction } from './tables.ts'

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
