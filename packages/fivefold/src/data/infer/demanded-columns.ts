import { FivefoldError } from '../../core/index.ts'
import type { DuckSession, Failure } from '../duck/session.ts'
import { quoteName } from '../duck/sql.ts'
import type { ColumnSchema, SemanticType } from '../schema.ts'
import type { SourceOptions } from '../table.ts'
import { ambiguityNote, DATETIME_FORMATS, ISO_FORMAT, swappedDayAndMonth } from './datetime-formats.ts'
import { isTextType } from './native-columns.ts'
import { type Demand, finiteSql, type RawColumn, type Reading, type Storage } from './reading.ts'
import { datetimeReading, decimalCommaNumber, plainNumber, thousandsCommaNumber } from './text-readings.ts'

/** Integers of this size count seconds since 1970 and not milliseconds: 10^11 s is the year 5138, 10^11 ms is 1973. */
const EPOCH_SECONDS_LIMIT = 1e11

interface Candidate {
  readonly sql: string
  readonly datetimeFormat?: string
}

/** Reading days as months would give other data another meaning than the schema's own, in silence. */
function ambiguous(name: string, format: string, rival: string, failure: Failure): FivefoldError {
  return new FivefoldError(
    'DATA_TYPE_MISMATCH',
    `${failure.place}: the dates of column '${name}' fit ${format} and ${rival} alike, and the schema does not say which`,
    { remedy: 'Write the dates as in 2012-07-31, or give the schema of the column its datetimeFormat.' },
  )
}

/** What the options demand of a column: the type that was declared, or what a schema of other data says. */
export function demandFor(options: SourceOptions, name: string): Demand | undefined {
  const declared = options.types?.[name]
  if (declared) return demandOfType(declared)
  const given = options.schema?.columns.find((column) => column.name === name)
  if (given) return demandOfSchema(given)
  return options.asText && !derivesOrFilters(options) ? demandOfType('text') : undefined
}

/** Expressions of users may be run as joins and windows, which lose the order of rows; so rows are numbered before. */
export function derivesOrFilters(options: SourceOptions): boolean {
  return options.derive !== undefined || options.where !== undefined
}

/** What a declared type demands; undefined where any storage will do. */
function demandOfType(type: SemanticType): Demand | undefined {
  const storage: Partial<Record<SemanticType, Storage>> = {
    number: 'DOUBLE',
    integer: 'BIGINT',
    boolean: 'BOOLEAN',
    datetime: 'TIMESTAMP',
    category: 'VARCHAR',
    text: 'VARCHAR',
  }
  const demanded = storage[type]
  return demanded ? { storage: demanded, type } : undefined
}

/** What a schema that came from other data demands, so that both are read alike. */
function demandOfSchema(column: ColumnSchema): Demand {
  const { type, tensor, datetimeFormat } = column
  const lenient = type === 'constant' && tensor === 'double'
  const storage = storageOf(column)
  return { storage, type, lenient, fromSchema: true, ...(datetimeFormat ? { datetimeFormat } : {}) }
}

function storageOf({ type, tensor }: ColumnSchema): Storage {
  if (type === 'datetime') return 'TIMESTAMP'
  if (type === 'boolean' || tensor === 'bool') return 'BOOLEAN'
  if (tensor === 'string') return 'VARCHAR'
  return tensor === 'int64' ? 'BIGINT' : 'DOUBLE'
}

/** The reading that a demand asks for. Fails with the first row that does not parse under any way to read it. */
export async function readDemandedColumn(
  session: DuckSession,
  relation: string,
  column: RawColumn,
  demand: Demand,
  failure: Failure,
): Promise<Reading> {
  const candidates = await candidatesFor(session, relation, column, demand, failure)
  const value = quoteName(column.name)
  const counts = candidates.map(({ sql }, at) => `count_if(${value} IS NOT NULL AND ${sql} IS NULL) AS failed_${at}`)
  const row = (await session.rows(`SELECT ${counts.join(', ')} FROM ${relation}`, failure))[0] ?? {}
  const failed = candidates.map((_, at) => Number(row[`failed_${at}`]))
  const fewest = Math.min(...failed)
  const best = candidates[failed.indexOf(fewest)]!
  if (fewest > 0 && !demand.lenient) await failAtFirst(session, relation, column, demand, best, fewest, failure)
  const { sql, datetimeFormat } = best
  const other = candidates.findIndex(
    (candidate) => candidate.datetimeFormat === swappedDayAndMonth(datetimeFormat ?? ''),
  )
  const rival = datetimeFormat && failed[other] === fewest ? candidates[other]?.datetimeFormat : undefined
  if (rival && demand.fromSchema) throw ambiguous(column.name, datetimeFormat!, rival, failure)
  return {
    storage: demand.storage,
    sql: demand.storage === 'DOUBLE' ? finiteSql(sql) : sql,
    detail: 'declared',
    ...(rival ? { caution: ambiguityNote(rival) } : {}),
    ...(datetimeFormat ? { datetimeFormat } : {}),
  }
}

async function candidatesFor(
  session: DuckSession,
  relation: string,
  column: RawColumn,
  demand: Demand,
  failure: Failure,
): Promise<Candidate[]> {
  const value = quoteName(column.name)
  if (demand.storage === 'VARCHAR') return [{ sql: textOf(value, column.nativeType) }]
  if (demand.storage === 'TIMESTAMP') return datetimeCandidates(session, relation, column, demand, failure)
  if (demand.storage === 'BOOLEAN')
    return [{ sql: `TRY_CAST(CAST(${value} AS VARCHAR) AS BOOLEAN)` }, { sql: zeroOrOne(value) }]
  const numbers = isTextType(column.nativeType)
    ? [plainNumber(value), decimalCommaNumber(value), thousandsCommaNumber(value)].map(({ proof }) => proof)
    : [`TRY_CAST(${value} AS DOUBLE)`]
  return numbers.map((sql) => ({ sql: demand.storage === 'BIGINT' ? wholeNumber(sql) : sql }))
}

/** Whole doubles lose their '.0', so that a category is written the same whether its column had gaps or not. */
function textOf(value: string, nativeType: string): string {
  const text = `CAST(${value} AS VARCHAR)`
  if (!/^(FLOAT|DOUBLE)/.test(nativeType)) return `nullif(${text}, '')`
  return `(CASE WHEN NOT isfinite(${value}) THEN NULL WHEN ${value} = trunc(${value}) AND abs(${value}) < 1e15
    THEN CAST(CAST(${value} AS BIGINT) AS VARCHAR) ELSE ${text} END)`
}

const zeroOrOne = (value: string): string =>
  `(CASE TRY_CAST(CAST(${value} AS VARCHAR) AS DOUBLE) WHEN 1 THEN true WHEN 0 THEN false END)`

const wholeNumber = (sql: string): string =>
  `(CASE WHEN trunc(${sql}) = ${sql} AND abs(${sql}) <= 9007199254740992 THEN CAST(${sql} AS BIGINT) END)`

async function datetimeCandidates(
  session: DuckSession,
  relation: string,
  column: RawColumn,
  demand: Demand,
  failure: Failure,
): Promise<Candidate[]> {
  const value = quoteName(column.name)
  if (/^TIMESTAMP WITH TIME ZONE/.test(column.nativeType)) return [{ sql: `(${value} AT TIME ZONE 'UTC')` }]
  if (/^(DATE|TIMESTAMP)/.test(column.nativeType)) return [{ sql: `TRY_CAST(${value} AS TIMESTAMP)` }]
  const texts = `CAST(${value} AS VARCHAR)`
  const formats = demand.datetimeFormat ? [demand.datetimeFormat, ISO_FORMAT] : [...DATETIME_FORMATS, '%Y%m%d']
  const parsed = formats.map((format) => ({ sql: datetimeReading(texts, format).sql, datetimeFormat: format }))
  const number = `TRY_CAST(${texts} AS DOUBLE)`
  const sql = `SELECT max(abs(${number})) AS largest FROM ${relation}`
  const largest = Number((await session.rows(sql, failure))[0]?.largest ?? 0)
  const milliseconds = largest < EPOCH_SECONDS_LIMIT ? `${number} * 1000` : number
  return [...parsed, { sql: `TRY_CAST(epoch_ms(TRY_CAST(${milliseconds} AS BIGINT)) AS TIMESTAMP)` }]
}

async function failAtFirst(
  session: DuckSession,
  relation: string,
  column: RawColumn,
  demand: Demand,
  best: Candidate,
  failed: number,
  failure: Failure,
): Promise<never> {
  const value = quoteName(column.name)
  const sql = `SELECT row, CAST(bad AS VARCHAR) AS bad FROM
    (SELECT row_number() OVER () - 1 AS row, ${value} AS bad, ${best.sql} AS parsed FROM ${relation})
    WHERE bad IS NOT NULL AND parsed IS NULL LIMIT 1`
  const found = (await session.rows(sql, failure))[0]
  const row = Number(found?.row)
  const message = `'${String(found?.bad).slice(0, 80)}' is not of type ${demand.type}`
  throw new FivefoldError(
    'DATA_TYPE_MISMATCH',
    `${failure.place}: column '${column.name}', row ${row}: ${message} (${failed} such ${failed === 1 ? 'value' : 'values'}; rows count from 0)`,
    { issues: [{ path: ['rows', row, column.name], message }] },
  )
}
