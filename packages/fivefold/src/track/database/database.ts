import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import {
  CompiledQuery,
  Kysely,
  PostgresDialect,
  type PostgresPool,
  type PostgresPoolClient,
  type SqliteDatabase,
  SqliteDialect,
  type SqliteStatement,
  sql,
} from 'kysely'
import type { Pool, PoolClient, QueryConfig } from 'pg'
import { FivefoldError } from '../../core/index.ts'
import { type Dialect, POSTGRES, SQLITE } from './dialect.ts'
import { applyMigrations } from './migrations.ts'
import type { Reader, Tables, Writer } from './tables.ts'
import { together } from './together.ts'

/** How long a writer waits for another process to finish, before STORE_UNAVAILABLE. */
const BUSY_TIMEOUT_MS = 15_000

/** The advisory lock that writers of one PostgreSQL store take, so that they follow one another as SQLite's do. */
const WRITE_LOCK = 5_455_373

export interface Database {
  readonly dialect: Dialect
  readonly read: Reader
  /**
   * Runs `work` as the only writer, all or nothing. The lock is taken at the start: a transaction that begins as a reader
   * may fail to become a writer where another process wrote in between, and no waiting would help.
   */
  write<T>(work: (writer: Writer) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export const isPostgresUrl = (location: string): boolean => /^postgres(ql)?:\/\//.test(location)

/** Opens or makes the database and brings it to the current form. Throws STORE_UNAVAILABLE. */
export async function openDatabase(location: string, nowMs: number): Promise<Database> {
  try {
    const database = isPostgresUrl(location) ? await openPostgres(location) : await openSqlite(location)
    try {
      await database.write((writer) => applyMigrations(writer, database.dialect, nowMs))
    } catch (error) {
      await database.close()
      throw error
    }
    return database
  } catch (cause) {
    throw unavailable(cause, `the tracking store at ${withoutPassword(location)} does not open`)
  }
}

async function openSqlite(path: string): Promise<Database> {
  const { default: Libsql } = await import('libsql')
  await mkdir(dirname(resolve(path)), { recursive: true })
  const file = new Libsql(path, { timeout: BUSY_TIMEOUT_MS })
  // Readers go on while one process writes, and a commit survives the death of the process.
  file.pragma('journal_mode = WAL')
  file.pragma('synchronous = NORMAL')
  file.pragma('foreign_keys = ON')
  file.pragma('case_sensitive_like = ON')
  const read = new Kysely<Tables>({ dialect: new SqliteDialect({ database: withPreparedStatements(file) }) })
  return {
    dialect: SQLITE,
    read,
    write: (work) => explainFailure(read.connection().execute((connection) => inImmediate(connection, work))),
    close: () => read.destroy(),
  }
}

async function inImmediate<T>(connection: Writer, work: (writer: Writer) => Promise<T>): Promise<T> {
  await sql`begin immediate`.execute(connection)
  try {
    const result = await work(connection)
    await sql`commit`.execute(connection)
    return result
  } catch (error) {
    await sql`rollback`.execute(connection).catch(() => {})
    throw error
  }
}

const KEPT_STATEMENTS = 200

/** Statements are prepared once: the same few hundred make up nearly all of the work. */
function withPreparedStatements(file: { prepare(text: string): unknown; close(): void }): SqliteDatabase {
  const prepared = new Map<string, SqliteStatement>()
  return {
    close: () => file.close(),
    prepare(text) {
      const known = prepared.get(text)
      if (known) return known
      const statement = file.prepare(text) as SqliteStatement
      if (prepared.size >= KEPT_STATEMENTS) prepared.delete(prepared.keys().next().value!)
      // A statement that changes the tables makes the prepared ones stale.
      if (/^\s*(create|alter|drop)\b/i.test(text)) prepared.clear()
      else prepared.set(text, statement)
      return statement
    },
  }
}

const INT8 = 20
const NUMERIC = 1700

async function openPostgres(url: string): Promise<Database> {
  const { default: pg } = await import('pg')
  const address = new URL(url)
  const schema = address.searchParams.get('schema') ?? 'fivefold'
  address.searchParams.delete('schema')
  if (!/^\w{1,60}$/.test(schema)) throw new FivefoldError('OPTION_INVALID', `'${schema}' is not a name for a schema`)
  const config = {
    connectionString: address.href,
    // Compiling a plan takes longer than any query here.
    options: `-c search_path=${schema} -c jit=off`,
    // Statements that do not need each other's answers travel together.
    pipeline: true,
    types: {
      getTypeParser: (type: number, format?: 'text' | 'binary') =>
        type === INT8 || type === NUMERIC
          ? Number
          : (pg.types.getTypeParser(type, format as 'text') as (text: string) => unknown),
    },
  }
  const readers = new pg.Pool(config)
  // Writers follow one another anyhow; those that wait do so here, and take no connection from readers.
  const writers = new pg.Pool({ ...config, max: 1 })
  // A connection that breaks while idle is replaced by the next query; without a listener it would end the process.
  for (const pool of [readers, writers]) pool.on('error', () => {})
  // Two that create a schema at once collide, in spite of `if not exists`.
  await writers.query(
    `begin; select pg_advisory_xact_lock(${WRITE_LOCK}); create schema if not exists ${schema}; commit`,
  )
  const read = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: readers }) })
  const writer = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: preparing(writers) }) })
  return {
    dialect: POSTGRES,
    read,
    write: (work) => explainFailure(writer.connection().execute((connection) => inLocked(connection, work))),
    close: async () => {
      await Promise.all([read.destroy(), writer.destroy()])
    },
  }
}

/**
 * What takes the lock travels with the first statements of `work`. Should it fail, they fail as well: their transaction is
 * aborted then, or their connection gone.
 */
async function inLocked<T>(connection: Writer, work: (writer: Writer) => Promise<T>): Promise<T> {
  const locked = connection.executeQuery(
    CompiledQuery.raw(`begin; select pg_advisory_xact_lock(${WRITE_LOCK}, hashtext(current_schema()))`),
  )
  try {
    const [, result] = await together([locked, work(connection)])
    await sql`commit`.execute(connection)
    return result
  } catch (error) {
    await sql`rollback`.execute(connection).catch(() => {})
    throw error
  }
}

/** Statements of writers are few, so each is prepared once a connection. */
function preparing(pool: Pool): PostgresPool {
  const names = new Map<string, string>()
  const nameOf = (text: string): string | undefined => {
    if (!names.has(text) && names.size < KEPT_STATEMENTS) names.set(text, `fivefold_${names.size}`)
    return names.get(text)
  }
  const wrapped = new WeakMap<PoolClient, PostgresPoolClient>()
  const wrap = (client: PoolClient): PostgresPoolClient => {
    const query = (text: string, values: unknown[]): unknown =>
      values.length === 0 ? client.query(text) : client.query({ name: nameOf(text), text, values } as QueryConfig)
    return { query, release: () => client.release() } as PostgresPoolClient
  }
  return {
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      if (!wrapped.has(client)) wrapped.set(client, wrap(client))
      return wrapped.get(client)!
    },
  }
}

async function explainFailure<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    throw unavailable(cause, 'the tracking store cannot be written')
  }
}

function unavailable(cause: unknown, what: string): FivefoldError {
  const known = FivefoldError.from(cause, 'STORE_UNAVAILABLE')
  if (known.code !== 'STORE_UNAVAILABLE' || cause instanceof FivefoldError) return known
  return new FivefoldError('STORE_UNAVAILABLE', `${what}: ${known.message}`, { cause })
}

/** Where the store is, fit for a message. */
export function withoutPassword(location: string): string {
  return location.replace(/(:\/\/[^:@/]*):[^@/]*@/, '$1:***@')
}
