import { type Context, FivefoldError } from '../../core/index.ts'
import type { DuckSession, Failure } from '../duck/session.ts'
import { quoteName } from '../duck/sql.ts'
import { derivesOrFilters } from '../infer/demanded-columns.ts'
import { isTextType } from '../infer/native-columns.ts'
import type { RawColumn } from '../infer/reading.ts'
import type { SourceOptions } from '../table.ts'
import { cleanSql, missingMarks } from './clean-sql.ts'
import { requireDistinctNames } from './column-names.ts'
import { loadDuckdb } from './load-database.ts'
import { fileRelation, sizeOfFiles } from './load-files.ts'
import { loadPlain } from './load-plain.ts'
import { loadPostgres } from './load-postgres.ts'
import type { LoadedSource } from './loaded-source.ts'
import type { Source } from './location.ts'

/** Text files beyond this size are read in one pass where their first rows leave no doubt about their columns. */
const PLAIN_BYTES = 4 << 20

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
  const commaDelimited = relation.includes(`delim = ','`)
  const keepsTexts = options.asText && derivesOrFilters(options)
  if (source.format === 'csv' && !keepsTexts && (await sizeOfFiles(session, source)) > PLAIN_BYTES)
    return loadPlain(session, relation, options, failure, commaDelimited, context)
  // Parquet is read where it lies; a text is parsed once.
  if (source.format !== 'parquet') return clean(session, relation, options, failure, commaDelimited)
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
  const missing = missingMarks(options.missing)
  const select = columns.map((column, at) => `${cleanSql(column, missing)} AS ${quoteName(renamed[at]!.name)}`)
  const kind = relation === 'raw' ? 'VIEW' : 'TABLE'
  await session.run(`CREATE ${kind} cleaned AS SELECT ${select.join(', ')} FROM ${relation}`, failure)
  return { columns: renamed, place: failure.place, commaDelimited }
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
