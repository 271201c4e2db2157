import { type Context, FivefoldError } from '../../core/index.ts'
import type { DuckSession, Failure } from '../duck/session.ts'
import { quoteName, quoteText } from '../duck/sql.ts'
import { isTextType } from '../infer/native-columns.ts'
import type { RawColumn } from '../infer/reading.ts'
import type { SourceOptions } from '../table.ts'
import { requireDistinctNames } from './column-names.ts'
import { loadDuckdb } from './load-database.ts'
import { fileRelation } from './load-files.ts'
import { loadPostgres } from './load-postgres.ts'
import type { Source } from './location.ts'

const MISSING_TEXTS = ['?', 'NA', 'N/A', 'NaN', 'null', 'NULL']

/** The relation `cleaned` of a session: the source's columns, texts trimmed, marks of missing values as NULL. */
export interface LoadedSource {
  readonly columns: readonly RawColumn[]
  /** Shown in messages. */
  readonly place: string
  readonly commaDelimited: boolean
}

export async function loadSource(
  session: DuckSession,
  source: Source,
  options: SourceOptions,
  context: Context,
): Promise<LoadedSource> {
  const place = source.kind === 'files' ? source.path : source.shownAs
  const failure: Failure = { code: 'DATA_UNREADABLE', place }
  if (source.kind !== 'files') {
    await (source.kind === 'duckdb' ? loadDuckdb(session, source, failure) : loadPostgres(session, source, context))
    return clean(session, 'raw', options, failure, false)
  }
  const relation = await fileRelation(session, source, options)
  // Parquet is read where it lies; a text is parsed once.
  if (source.format !== 'parquet') return clean(session, relation, options, failure, relation.includes(`delim = ','`))
  await session.run(`CREATE VIEW raw AS SELECT * FROM ${relation}`, failure)
  return clean(session, 'raw', options, failure, false)
}

async function clean(
  session: DuckSession,
  relation: string,
  options: SourceOptions,
  failure: Failure,
  commaDelimited: boolean,
): Promise<LoadedSource> {
  const described = await session.rows(`DESCRIBE SELECT * FROM ${relation}`, failure)
  const columns = described.map((row) => ({ name: String(row.column_name), nativeType: String(row.column_type) }))
  requireDistinctNames(
    failure.place,
    columns.map(({ name }) => name),
  )
  const renamed = renameColumns(columns, options, failure.place)
  const missing = ['', ...(options.missing ?? MISSING_TEXTS)]
  const select = columns.map((column, at) => `${cleanSql(column, missing)} AS ${quoteName(renamed[at]!.name)}`)
  const kind = relation === 'raw' ? 'VIEW' : 'TABLE'
  await session.run(`CREATE ${kind} cleaned AS SELECT ${select.join(', ')} FROM ${relation}`, failure)
  return { columns: renamed, place: failure.place, commaDelimited }
}

/**
 * Trims a text and turns marks of missing values into NULL. Written with CASE because DuckDB runs a long IN list as a
 * join, which loses the order of rows; and trimmed only where a blank begins or ends the text, because trimming is slow.
 */
function cleanSql({ name, nativeType }: RawColumn, missing: readonly string[]): string {
  const value = quoteName(name)
  if (!isTextType(nativeType)) return value
  const text = nativeType === 'VARCHAR' ? value : `CAST(${value} AS VARCHAR)`
  const trimmed = `trim(${text}, ${quoteText(' \t\r\n\u00a0')})`
  const blank = `${text} < '!' OR suffix(${text}, ' ') OR suffix(${text}, '\t') OR ${text} >= '\u00a0' AND ${text} < '\u00a1'`
  return `(CASE WHEN ${blank} THEN ${missingToNull(trimmed, missing)} ELSE ${missingToNull(text, missing)} END)`
}

function missingToNull(text: string, missing: readonly string[]): string {
  return `(CASE ${text} ${missing.map((mark) => `WHEN ${quoteText(mark)} THEN NULL`).join(' ')} ELSE ${text} END)`
}

function renameColumns(columns: readonly RawColumn[], options: SourceOptions, place: string): RawColumn[] {
  const names = options.columns
  const cleaned = columns.map(({ name, nativeType }) => ({
    name,
    nativeType: isTextType(nativeType) ? 'VARCHAR' : nativeType,
  }))
  if (!names) return cleaned
  if (names.length !== columns.length)
    throw new FivefoldError(
      'DATA_UNREADABLE',
      `${place}: ${columns.length} columns, and ${names.length} names were given`,
    )
  requireDistinctNames(place, names)
  return cleaned.map(({ nativeType }, at) => ({ name: names[at]!, nativeType }))
}
