import { type Context, FivefoldError } from '../../core/index.ts'
import type { DuckSession, Failure } from '../duck/session.ts'
import { inGroups, quoteName } from '../duck/sql.ts'
import { demandFor } from '../infer/demanded-columns.ts'
import {
  type PlainKind,
  plainColumns,
  plainDetail,
  plainKindOfDemand,
  plainReading,
  plainSql,
  refusedColumn,
} from '../infer/plain-columns.ts'
import type { RawColumn, Reading } from '../infer/reading.ts'
import type { SourceOptions } from '../table.ts'
import { cleanSql, isMissingSql, missingMarks, trimSql } from './clean-sql.ts'
import type { LoadedSource } from './loaded-source.ts'

/** First rows that the guess rests on; fewer of wide tables. */
const MOST_SAMPLE_ROWS = 20_000
const LEAST_SAMPLE_ROWS = 2000
const SAMPLE_CELLS = 2_000_000
/** Columns that may turn out not to be what they seemed before everything is read as text. */
const MOST_ATTEMPTS = 3
const COLUMNS_A_QUERY = 200

/**
 * Reads a large text file in one pass: its first rows say what each column plainly is, and every later value is held to
 * that. A column that breaks its promise is read again as text, and then judged by all of its values.
 */
export async function loadPlain(
  session: DuckSession,
  relation: string,
  options: SourceOptions,
  failure: Failure,
  commaDelimited: boolean,
  context: Context,
): Promise<LoadedSource> {
  const described = await session.rows(`DESCRIBE SELECT * FROM ${relation}`, failure)
  const columns = described.map((row) => ({ name: String(row.column_name), nativeType: 'VARCHAR' }))
  const kinds = await guessKinds(session, relation, columns, options, failure, commaDelimited)
  const kept = await loadAs(session, relation, columns, kinds, options, failure, context)
  const readings = await readingsOf(session, kept, options, failure)
  return {
    columns: columns.map(({ name }) => ({ name, nativeType: readings.get(name)?.storage ?? 'VARCHAR' })),
    readings,
    place: failure.place,
    commaDelimited,
  }
}

async function guessKinds(
  session: DuckSession,
  relation: string,
  columns: readonly RawColumn[],
  options: SourceOptions,
  failure: Failure,
  commaDelimited: boolean,
): Promise<Map<string, PlainKind>> {
  const rows = Math.min(MOST_SAMPLE_ROWS, Math.max(LEAST_SAMPLE_ROWS, Math.floor(SAMPLE_CELLS / columns.length)))
  const marks = missingMarks(options.missing)
  const cleaned = columns.map((column) => `${cleanSql(column, marks)} AS ${quoteName(column.name)}`)
  // In memory, also where the table is kept in a file: writing a thousand short columns there takes seconds.
  await session.run(
    `ATTACH ':memory:' AS scratch;
    CREATE TABLE scratch.sampled AS SELECT ${cleaned.join(', ')} FROM (SELECT * FROM ${relation} LIMIT ${rows})`,
    failure,
  )
  const sample = { session, relation: 'scratch.sampled', failure, decimal: options.decimal, commaDelimited }
  const kinds = new Map<string, PlainKind>()
  const free: string[] = []
  for (const { name } of columns) {
    const demand = demandFor(options, name)
    const kind = demand && plainKindOfDemand(demand)
    if (kind) kinds.set(name, kind)
    else if (!demand) free.push(name)
  }
  for (const [name, kind] of await plainColumns(sample, free)) kinds.set(name, kind)
  await session.run('DETACH scratch', failure)
  return kinds
}

/** Makes `cleaned`; gives the kinds that held. */
async function loadAs(
  session: DuckSession,
  relation: string,
  columns: readonly RawColumn[],
  kinds: ReadonlyMap<string, PlainKind>,
  options: SourceOptions,
  failure: Failure,
  context: Context,
): Promise<ReadonlyMap<string, PlainKind>> {
  const onShare = (share: number): void =>
    context.progress({ stage: 'load', done: Math.floor(share * 100), total: 100, note: 'percent' })
  let held = new Map(kinds)
  for (let attempt = 1; ; attempt++) {
    try {
      const list = columns.map((column, at) => columnSql(column, at, held.get(column.name), options))
      await session.run(`CREATE TABLE cleaned AS SELECT ${list.join(', ')} FROM ${relation}`, failure, onShare)
      return held
    } catch (error) {
      const refused = refusedColumn(error instanceof FivefoldError ? error.message : '')
      if (refused === undefined) throw error
      if (attempt < MOST_ATTEMPTS) held.delete(columns[refused]!.name)
      else held = new Map()
    }
  }
}

function columnSql(column: RawColumn, at: number, kind: PlainKind | undefined, { missing }: SourceOptions): string {
  const marks = missingMarks(missing)
  const text = quoteName(column.name)
  if (kind === undefined || kind === 'texts') return `${cleanSql(column, marks)} AS ${text}`
  const markIsValue = marks.some((mark) => /^\s*([-+.\d]|true|false)/i.test(mark))
  const raw = { text, trimmed: trimSql(text), isMissing: isMissingSql(text, marks), markIsValue }
  return `${plainSql(kind, at, raw)} AS ${text}`
}

async function readingsOf(
  session: DuckSession,
  kinds: ReadonlyMap<string, PlainKind>,
  options: SourceOptions,
  failure: Failure,
): Promise<Map<string, Reading>> {
  const readings = new Map<string, Reading>()
  for (const group of inGroups([...kinds], COLUMNS_A_QUERY)) {
    const counts = group.map(([name], at) => `count(${quoteName(name)}) AS present_${at}`)
    const row = (await session.rows(`SELECT ${counts.join(', ')} FROM cleaned`, failure))[0] ?? {}
    for (const [at, [name, kind]] of group.entries()) {
      const detail = demandFor(options, name) ? 'declared' : plainDetail(kind, Number(row[`present_${at}`]))
      readings.set(name, plainReading(name, kind, detail))
    }
  }
  return readings
}
