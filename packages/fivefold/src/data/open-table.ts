import { statSync } from 'node:fs'
import { type Context, createContext, FivefoldError } from '../core/index.ts'
import { type DuckSession, openSession, sessionOptions } from './duck/session.ts'
import { loadSource } from './source/load-source.ts'
import type { LoadedSource } from './source/loaded-source.ts'
import { parseLocation, type Source } from './source/location.ts'
import { storeTable } from './store-table.ts'
import { tableOver } from './stored-table.ts'
import type { SourceOptions, Table } from './table.ts'

/** Sources beyond this size are kept in a compressed temporary file instead of memory. */
const IN_MEMORY_BYTES = 32 << 20

/**
 * Opens data as a table: CSV, Parquet or JSONL files (also gzipped, also a glob), `duckdb:file.db?table=t` or `?query=`,
 * `postgres://user@host/db?table=t` or `?query=`. Types are guessed from every value, not from a sample; `types`
 * overrides the guess and `schema` replaces it. The table keeps its own copy in a temporary folder, which `close` removes.
 *
 * @throws DATA_NOT_FOUND, DATA_EMPTY, DATA_UNREADABLE (with the line), DATA_COLUMN_DUPLICATE, DATA_COLUMN_UNKNOWN,
 *   DATA_TYPE_MISMATCH (with row and value), DATA_QUERY_INVALID for `derive` and `where`, CANCELLED
 */
export async function openTable(source: string | SourceOptions, context: Context = createContext()): Promise<Table> {
  const options = typeof source === 'string' ? { location: source } : source
  const parsed = parseLocation(options)
  const session = await openSession(sessionOptions(context, isLarge(parsed)))
  try {
    const loaded = await loadSource(session, parsed, options, context)
    return await openLoaded(session, loaded, options, context)
  } catch (error) {
    await session.close()
    throw error
  }
}

async function openLoaded(
  session: DuckSession,
  loaded: LoadedSource,
  options: SourceOptions,
  context: Context,
): Promise<Table> {
  const { columns, rowCount } = await storeTable(session, loaded, options, context)
  if (rowCount === 0)
    throw new FivefoldError(
      'DATA_EMPTY',
      `${loaded.place} has no rows${options.where ? ` where ${options.where}` : ''}`,
    )
  return tableOver({ session, location: loaded.place, rowCount, columns, context })
}

function isLarge(source: Source): boolean {
  if (source.kind !== 'files') return source.kind === 'postgres' || statSync(source.address).size > IN_MEMORY_BYTES
  // Compressed columns unpack to several times their size.
  const growth = source.format === 'parquet' || source.path.endsWith('.gz') ? 8 : 1
  return source.isGlob || statSync(source.path).size * growth > IN_MEMORY_BYTES
}
