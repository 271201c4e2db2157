import type pg from 'pg'
import { type Context, FivefoldError, throwIfCancelled } from '../../core/index.ts'
import { loadDuckDb } from '../duck/binding.ts'
import type { DuckSession } from '../duck/session.ts'
import { quoteName } from '../duck/sql.ts'
import { qualifiedName } from './load-database.ts'
import type { DatabaseSource } from './location.ts'

/** Rows fetched from the server at a time. */
const FETCH_ROWS = 10_000
const CHUNK_ROWS = 2048
const CONNECT_TIMEOUT_MS = 15_000

/** Types of PostgreSQL by object identifier, and what their text becomes here. Others stay text. */
const DUCK_TYPES: Readonly<Record<number, string>> = {
  16: 'BOOLEAN',
  20: 'BIGINT',
  21: 'BIGINT',
  23: 'BIGINT',
  26: 'BIGINT',
  700: 'DOUBLE',
  701: 'DOUBLE',
  1700: 'DOUBLE',
  1082: 'TIMESTAMP',
  1114: 'TIMESTAMP',
  1184: 'TIMESTAMPTZ',
}

interface PostgresColumn {
  readonly name: string
  readonly duckType: string
}

/** Copies a table or a query of PostgreSQL into the session's `raw`, through a cursor of a read-only transaction. */
export async function loadPostgres(session: DuckSession, source: DatabaseSource, context: Context): Promise<void> {
  // Loaded where it is needed: few read from a server, and all would wait for it and hold it in memory.
  const { default: postgres } = await import('pg')
  const client = new postgres.Client({
    connectionString: source.address,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    types: { getTypeParser: () => (text: string) => text },
  })
  // A connection that drops while idle must not end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(`BEGIN TRANSACTION READ ONLY; SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'`)
    // A named statement goes through the extended protocol, which refuses a second statement after a semicolon.
    await client.query({
      name: 'source',
      text: `DECLARE source_rows NO SCROLL CURSOR FOR ${await selectSql(client, source)}`,
    })
    await copyRows(session, client, source, context)
  } catch (error) {
    throw postgresError(error, source)
  } finally {
    await client.end().catch(() => {})
  }
}

async function selectSql(client: pg.Client, source: DatabaseSource): Promise<string> {
  const { relation } = source
  if ('query' in relation) return relation.query
  const table = qualifiedName(relation.table)
  return `SELECT * FROM ${table}${await primaryKeyOrder(client, table)}`
}

/** A table has no order of its own; that of its primary key makes row numbers stable. */
async function primaryKeyOrder(client: pg.Client, table: string): Promise<string> {
  const sql = `SELECT a.attname AS name FROM pg_index i
    JOIN unnest(i.indkey) WITH ORDINALITY AS k(attnum, position) ON true
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE i.indrelid = $1::regclass AND i.indisprimary ORDER BY k.position`
  const { rows } = await client.query<{ name: string }>(sql, [table])
  return rows.length === 0 ? '' : ` ORDER BY ${rows.map(({ name }) => quoteName(name)).join(', ')}`
}

async function copyRows(
  session: DuckSession,
  client: pg.Client,
  source: DatabaseSource,
  context: Context,
): Promise<void> {
  const { DuckDBDataChunk, VARCHAR } = await loadDuckDb()
  await session.use({ code: 'DATA_UNREADABLE', place: source.shownAs }, async (connection) => {
    const fetch = (): Promise<pg.QueryArrayResult<(string | null)[]>> =>
      client.query({ text: `FETCH ${FETCH_ROWS} FROM source_rows`, rowMode: 'array' })
    let page = await fetch()
    const columns = columnsOf(page.fields, source)
    const texts = columns.map(({ name }) => `${quoteName(name)} VARCHAR`)
    await connection.run(`CREATE TABLE fetched (${texts.join(', ')})`)
    const appender = await connection.createAppender('fetched')
    const types = columns.map(() => VARCHAR)
    while (page.rows.length > 0) {
      throwIfCancelled(context.signal)
      for (let start = 0; start < page.rows.length; start += CHUNK_ROWS) {
        const chunk = DuckDBDataChunk.create(types)
        chunk.setRows(page.rows.slice(start, start + CHUNK_ROWS))
        appender.appendDataChunk(chunk)
      }
      appender.flushSync()
      page = await fetch()
    }
    appender.closeSync()
    const select = columns.map(({ name, duckType }) => `CAST(${quoteName(name)} AS ${duckType}) AS ${quoteName(name)}`)
    await connection.run(`CREATE TABLE raw AS SELECT ${select.join(', ')} FROM fetched; DROP TABLE fetched`)
  })
}

function columnsOf(fields: readonly pg.FieldDef[], source: DatabaseSource): PostgresColumn[] {
  const seen = new Set<string>()
  return fields.map(({ name, dataTypeID }) => {
    if (seen.has(name))
      throw new FivefoldError('DATA_COLUMN_DUPLICATE', `${source.shownAs}: two columns are named '${name}'`)
    seen.add(name)
    return { name, duckType: DUCK_TYPES[dataTypeID] ?? 'VARCHAR' }
  })
}

const UNDEFINED_TABLE = '42P01'
const UNDEFINED_DATABASE = '3D000'
/** Also an unknown role and a wrong password. */
const REFUSED = new Set(['28000', '28P01', 'ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'ECONNRESET', 'EHOSTUNREACH'])

function postgresError(error: unknown, source: DatabaseSource): FivefoldError {
  if (error instanceof FivefoldError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const message = `${source.shownAs}: ${error instanceof Error ? error.message || code : String(error)}`
  if (code === UNDEFINED_TABLE || code === UNDEFINED_DATABASE)
    return new FivefoldError('DATA_NOT_FOUND', message, { cause: error })
  if (REFUSED.has(code) || /timeout|terminated/i.test(message))
    return new FivefoldError('STORE_UNAVAILABLE', message, { cause: error })
  return new FivefoldError(/^(42|22|25)/.test(code) ? 'DATA_QUERY_INVALID' : 'DATA_UNREADABLE', message, {
    cause: error,
  })
}
