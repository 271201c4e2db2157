import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Context, FivefoldError } from '../core/index.ts'
import { type DuckSession, type Failure, openSession } from './duck/session.ts'
import { quoteName, quoteText } from './duck/sql.ts'

/** How much of a Parquet file that somebody sent is read. */
export interface ParquetBounds {
  readonly rows: number
  readonly columns: number
  /** Of all texts together: a dictionary holds a long text once for every row that means it. */
  readonly characters: number
}

/** Columns of a Parquet file, with the values of some. */
export interface ParquetCells {
  readonly rowCount: number
  readonly names: readonly string[]
  /** Numbers, bigints beyond 2^53, booleans, texts, dates as Date; missing as null. */
  readonly columns: ReadonlyMap<string, readonly (string | number | bigint | boolean | Date | null)[]>
}

/** What DuckDB may hold of a file; beyond it the file is refused. */
const MEMORY_LIMIT = '512MB'
const FAILURE: Failure = { code: 'REQUEST_INVALID', place: 'the Parquet file' }

/**
 * Reads a Parquet file that somebody sent, off the event loop. What its footer says is held against the bounds before any
 * page is read.
 *
 * @param wanted names of the columns to read; others are named only
 * @throws REQUEST_INVALID where it is no Parquet file, is damaged, or holds nested values in a column that is wanted;
 *   REQUEST_TOO_LARGE; CANCELLED
 */
export async function readParquetCells(
  bytes: Uint8Array,
  wanted: ReadonlySet<string>,
  bounds: ParquetBounds,
  context: Pick<Context, 'signal'>,
): Promise<ParquetCells> {
  const session = await openSession({ signal: context.signal, threads: 1, onDisk: false, memoryLimit: MEMORY_LIMIT })
  const path = join(session.folder, 'body.parquet')
  try {
    await writeFile(path, bytes)
    return await readFile(session, path, wanted, bounds)
  } catch (thrown) {
    throw withoutPath(FivefoldError.from(thrown), path)
  } finally {
    await session.close()
  }
}

/** The sender has no use for a place on our disk. */
function withoutPath(error: FivefoldError, path: string): FivefoldError {
  if (/out of memory/i.test(error.message)) return tooLarge('more memory than a request may take')
  if (!error.message.includes(path)) return error
  return new FivefoldError(error.code, error.message.replaceAll(path, 'body.parquet'), { cause: error })
}

const tooLarge = (what: string): FivefoldError => new FivefoldError('REQUEST_TOO_LARGE', `the Parquet file has ${what}`)

async function readFile(
  session: DuckSession,
  path: string,
  wanted: ReadonlySet<string>,
  bounds: ParquetBounds,
): Promise<ParquetCells> {
  const file = quoteText(path)
  const [footer] = await session.rows(`SELECT num_rows AS count FROM parquet_file_metadata(${file})`, FAILURE)
  const rowCount = Number(footer?.count)
  if (rowCount > bounds.rows) throw tooLarge(`${rowCount} rows; at most ${bounds.rows} a request`)
  const source = `read_parquet(${file}, binary_as_string = true)`
  const described = await session.rows(`DESCRIBE SELECT * FROM ${source}`, FAILURE)
  if (described.length > bounds.columns)
    throw tooLarge(`${described.length} columns; at most ${bounds.columns} a request`)
  const columns = described.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }))
  const read = columns.filter(({ name }) => wanted.has(name)).map(readingOf)
  await refuseLongTexts(session, source, read, bounds.characters)
  const names = columns.map(({ name }) => name)
  return read.length === 0
    ? { rowCount, names, columns: new Map() }
    : { names, ...(await readColumns(session, source, read, bounds.rows)) }
}

type Cell = string | number | bigint | boolean | Date | null

interface Reading {
  readonly name: string
  readonly sql: string
  readonly isText: boolean
  readonly toCell: (value: unknown) => Cell
}

const asIs = (value: unknown): Cell => value as Cell
/** Integers that a double holds are numbers, as in JSON. */
const plainInteger = (value: unknown): Cell => {
  const number = Number(value as bigint)
  return Number.isSafeInteger(number) ? number : (value as bigint)
}
const instant = (value: unknown): Cell => {
  const ms = Number(value as bigint)
  return Math.abs(ms) <= 8.64e15 ? new Date(ms) : ms
}

/** How a column is read, by its type in DuckDB. */
function readingOf({ name, type }: { readonly name: string; readonly type: string }): Reading {
  const column = quoteName(name)
  const cast = (as: string): string => `CAST(${column} AS ${as})`
  const reading = (sql: string, toCell: Reading['toCell'], isText = false): Reading => ({ name, sql, toCell, isText })
  if (/^(VARCHAR|UUID|ENUM)/.test(type)) return reading(cast('VARCHAR'), asIs, true)
  if (type === 'BOOLEAN') return reading(column, asIs)
  if (/^(TINYINT|SMALLINT|INTEGER|BIGINT|UTINYINT|USMALLINT|UINTEGER)$/.test(type))
    return reading(cast('BIGINT'), plainInteger)
  if (/^(UBIGINT|HUGEINT|UHUGEINT|FLOAT|DOUBLE|DECIMAL.*)$/.test(type)) return reading(cast('DOUBLE'), asIs)
  if (/^(DATE|TIMESTAMP.*)$/.test(type)) return reading(`epoch_ms(${cast('TIMESTAMP')})`, instant)
  throw new FivefoldError('REQUEST_INVALID', `column '${name.slice(0, 100)}' holds values of the type ${type}`, {
    remedy: 'Send numbers, texts, booleans and dates.',
  })
}

async function refuseLongTexts(
  session: DuckSession,
  source: string,
  columns: readonly Reading[],
  most: number,
): Promise<void> {
  const lengths = columns.filter(({ isText }) => isText).map(({ sql }) => `coalesce(sum(length(${sql})), 0)`)
  if (lengths.length === 0) return
  const [found] = await session.rows(`SELECT CAST(${lengths.join(' + ')} AS DOUBLE) AS total FROM ${source}`, FAILURE)
  if (Number(found?.total) > most) throw tooLarge(`texts of more than ${most} characters in all`)
}

/** No more rows than allowed, whatever the footer says of them. */
async function readColumns(
  session: DuckSession,
  source: string,
  columns: readonly Reading[],
  mostRows: number,
): Promise<Pick<ParquetCells, 'rowCount' | 'columns'>> {
  const list = columns.map(({ sql }, at) => `${sql} AS c${at}`).join(', ')
  const cells = columns.map((): Cell[] => [])
  for await (const chunk of session.chunks(`SELECT ${list} FROM ${source} LIMIT ${mostRows}`, FAILURE))
    for (const [at, { toCell }] of columns.entries())
      for (const value of chunk.getColumnValues(at)) cells[at]!.push(value === null ? null : toCell(value))
  return { rowCount: cells[0]!.length, columns: new Map(columns.map(({ name }, at) => [name, cells[at]!])) }
}
