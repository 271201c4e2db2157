import type { Context } from '../core/index.ts'
import type { DuckSession, Failure } from './duck/session.ts'
import { quoteName } from './duck/sql.ts'
import { gatherFacts } from './infer/column-facts.ts'
import { demandFor, derivesOrFilters, readDemandedColumn } from './infer/demanded-columns.ts'
import { isTextType, readNativeColumn } from './infer/native-columns.ts'
import type { RawColumn, Reading } from './infer/reading.ts'
import { describeColumn } from './infer/semantic-type.ts'
import { readTextColumns } from './infer/text-columns.ts'
import type { ColumnSchema } from './schema.ts'
import type { LoadedSource } from './source/loaded-source.ts'
import type { StoredColumns } from './stored-table.ts'
import type { SourceOptions } from './table.ts'
import { unknownColumns } from './unknown-columns.ts'

interface Work {
  readonly session: DuckSession
  readonly loaded: LoadedSource
  readonly options: SourceOptions
  readonly failure: Failure
}

/** Makes `stored` (typed, derived, filtered) and the view `data` from `cleaned`, and finds out what each column means. */
export async function storeTable(
  session: DuckSession,
  loaded: LoadedSource,
  options: SourceOptions,
  context: Context,
): Promise<{ columns: StoredColumns; rowCount: number }> {
  const work: Work = { session, loaded, options, failure: { code: 'DATA_UNREADABLE', place: loaded.place } }
  requireKnownColumns(work)
  const typed = await typeColumns(work, 'cleaned', loaded.columns, (name) => !isDerived(options, name))
  const number = derivesOrFilters(options) ? ', row_number() OVER () - 1 AS __row' : ''
  const list = [selectList(loaded.columns, typed), ...textColumns(work)].join(', ')
  await session.run(`CREATE VIEW typed AS SELECT ${list}${number} FROM cleaned`, work.failure)
  const { columns, readings } = await deriveColumns(work, typed)
  const rowCount = await materialise(work, columns, readings)
  const stored = columns.map(({ name }) => ({ name, storage: readings.get(name)!.storage }))
  const facts = await gatherFacts(session, 'stored', stored, rowCount, work.failure)
  const described = columns.map(({ name }, at) =>
    describeColumn(name, readings.get(name)!, facts[at]!, options.types?.[name]),
  )
  noteIgnored(work, columns, context)
  const schema = { columns: options.schema ? described.map((column) => likeGiven(column, options)) : described }
  const distincts = facts.map(({ distinct }) => distinct)
  return { columns: { schema, storages: stored.map(({ storage }) => storage), distincts }, rowCount }
}

const TEXT: Reading = { storage: 'VARCHAR', sql: '', detail: 'kept as text' }

function isDerived(options: SourceOptions, name: string): boolean {
  return options.derive !== undefined && Object.hasOwn(options.derive, name)
}

function requireKnownColumns({ loaded, options }: Work): void {
  const there = new Set([...loaded.columns.map(({ name }) => name), ...Object.keys(options.derive ?? {})])
  const wanted = [...Object.keys(options.types ?? {}), ...(options.schema?.columns.map(({ name }) => name) ?? [])]
  const unknown = wanted.filter((name) => !there.has(name))
  if (unknown.length === 0) return
  throw unknownColumns(unknown, [...there], loaded.place)
}

/** The texts beside the typed columns, where expressions of the user need those. */
function textColumns({ loaded, options }: Work): string[] {
  if (!options.asText || !derivesOrFilters(options)) return []
  return loaded.columns.map(({ name }) => `CAST(${quoteName(name)} AS VARCHAR) AS ${quoteName(textName(name))}`)
}

const textName = (name: string): string => `__text ${name}`

async function typeColumns(
  { session, loaded, options, failure }: Work,
  relation: string,
  columns: readonly RawColumn[],
  mayDemand: (name: string) => boolean,
): Promise<Map<string, Reading>> {
  const readings = new Map<string, Reading>()
  const texts: string[] = []
  for (const column of columns) {
    const known = relation === 'cleaned' ? loaded.readings?.get(column.name) : undefined
    const demand = mayDemand(column.name) ? demandFor(options, column.name) : undefined
    if (known) readings.set(column.name, known)
    else if (demand) readings.set(column.name, await readDemandedColumn(session, relation, column, demand, failure))
    else if (isTextType(column.nativeType)) texts.push(column.name)
    else readings.set(column.name, await readNativeColumn(session, relation, column, failure))
  }
  const { commaDelimited } = loaded
  const text = { session, relation, failure, decimal: options.decimal, commaDelimited }
  for (const [name, reading] of await readTextColumns(text, texts)) readings.set(name, reading)
  return readings
}

function selectList(columns: readonly RawColumn[], readings: ReadonlyMap<string, Reading>): string {
  return columns.map(({ name }) => `${readings.get(name)!.sql} AS ${quoteName(name)}`).join(', ')
}

/** Applies `derive` and `where` over the typed columns. Where there are none, the relation stays `typed` as it is. */
async function deriveColumns(
  work: Work,
  typed: ReadonlyMap<string, Reading>,
): Promise<{ columns: RawColumn[]; readings: Map<string, Reading> }> {
  const { session, loaded, options } = work
  const derive = Object.entries(options.derive ?? {})
  const failure: Failure = {
    code: 'DATA_QUERY_INVALID',
    place: `${loaded.place}: ${derive.length ? 'derive' : 'where'}`,
  }
  const kept = loaded.columns.filter(({ name }) => !isDerived(options, name))
  const keepsText = textColumns(work).length > 0
  const list = [
    ...(derivesOrFilters(options) ? ['__row'] : []),
    ...kept.map(({ name }) => `typed.${quoteName(keepsText ? textName(name) : name)} AS ${quoteName(name)}`),
    ...derive.map(([name, sql]) => `(${sql}\n) AS ${quoteName(name)}`),
  ]
  const where = options.where ? ` WHERE (${options.where}\n)` : ''
  await session.run(`CREATE VIEW derived AS SELECT ${list.join(', ')} FROM typed${where}`, failure)
  const described = await session.rows('DESCRIBE derived', failure)
  const columns = described
    .map((row) => ({ name: String(row.column_name), nativeType: String(row.column_type) }))
    .filter(({ name }) => name !== '__row')
  const derived = columns.filter(({ name }) => isDerived(options, name))
  const derivedReadings = await typeColumns({ ...work, failure }, 'derived', derived, () => true)
  const readings = new Map([...typed].filter(([name]) => !isDerived(options, name)))
  for (const [name, reading] of derivedReadings) readings.set(name, reading)
  if (keepsText) for (const { name } of kept) readings.set(name, TEXT)
  return { columns: inSchemaOrder(columns, options), readings }
}

function inSchemaOrder(columns: readonly RawColumn[], options: SourceOptions): RawColumn[] {
  if (!options.schema) return [...columns]
  return options.schema.columns.map(({ name }) => columns.find((column) => column.name === name)!)
}

async function materialise(
  work: Work,
  columns: readonly RawColumn[],
  readings: ReadonlyMap<string, Reading>,
): Promise<number> {
  const { session, failure } = work
  if (isStoredAlready(work, columns)) {
    await session.run('DROP VIEW derived; DROP VIEW typed; ALTER TABLE cleaned RENAME TO stored', failure)
  } else await copyToStored(work, columns, readings)
  await session.run('CREATE VIEW data AS SELECT rowid AS __row, * FROM stored', failure)
  return Number((await session.rows('SELECT count(*) AS n FROM stored', failure))[0]?.n)
}

/** Whether `cleaned` is what `stored` would be: every column in its final type, none added, left out or moved. */
function isStoredAlready({ loaded, options }: Work, columns: readonly RawColumn[]): boolean {
  if (derivesOrFilters(options) || loaded.columns.length !== columns.length) return false
  return loaded.columns.every(({ name }, at) => loaded.readings?.has(name) && columns[at]!.name === name)
}

async function copyToStored(
  { session, options, failure }: Work,
  columns: readonly RawColumn[],
  readings: ReadonlyMap<string, Reading>,
): Promise<void> {
  const list = columns.map(({ name }) => {
    const value = quoteName(name)
    return isDerived(options, name) ? `${readings.get(name)!.sql} AS ${value}` : value
  })
  const reorders = derivesOrFilters(options)
  const place: Failure = reorders ? { ...failure, code: 'DATA_QUERY_INVALID' } : failure
  const order = reorders ? ' ORDER BY __row' : ''
  await session.run(`CREATE TABLE stored AS SELECT ${list.join(', ')} FROM derived${order}`, place)
  // What the stored copy was made from is not needed again, and may be as large.
  await session.run('DROP VIEW derived; DROP VIEW typed', failure)
  await dropRelations(session, failure)
}

async function dropRelations(session: DuckSession, failure: Failure): Promise<void> {
  const sql = `SELECT table_name AS name, table_type AS kind FROM information_schema.tables
    WHERE table_name IN ('cleaned', 'raw') ORDER BY table_name`
  for (const { name, kind } of await session.rows(sql, failure))
    await session.run(`DROP ${kind === 'VIEW' ? 'VIEW' : 'TABLE'} ${quoteName(String(name))}`, failure)
}

function noteIgnored({ loaded, options }: Work, columns: readonly RawColumn[], context: Context): void {
  if (!options.schema) return
  const used = new Set(columns.map(({ name }) => name))
  const ignored = loaded.columns.map(({ name }) => name).filter((name) => !used.has(name))
  if (ignored.length > 0) context.log.warn(`columns that are not asked for are left out: ${ignored.join(', ')}`)
}

/** Meaning, tensor and evidence are those of the schema that was given; only gaps are those of this data. */
function likeGiven(column: ColumnSchema, options: SourceOptions): ColumnSchema {
  const given = options.schema!.columns.find(({ name }) => name === column.name)!
  return { ...given, nullable: given.nullable || column.nullable }
}
