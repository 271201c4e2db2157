import { typedItems } from '../column-reader.ts'
import type { DuckSession, Failure } from '../duck/session.ts'
import { inGroups, quoteName } from '../duck/sql.ts'
import type { Storage } from './reading.ts'

const COLUMNS_A_QUERY = 64
/** Above this many rows distinct values are counted exactly only where the answer decides something. */
const EXACT_DISTINCT_ROWS = 1_000_000
const CHEAP_DISTINCT = 100_000
/** An estimate from this share on may mean that all values differ. */
const ESTIMATE_MARGIN = 0.85

/** What the choice of a semantic type rests on. */
export interface ColumnFacts {
  readonly rowCount: number
  readonly present: number
  readonly distinct: number
  /** False in large tables, where many distinct values are estimated. */
  readonly isDistinctExact: boolean
  /** Numbers only. */
  readonly min: number
  readonly max: number
  /** Integers: whether each row's value is above the one before. */
  readonly rising: boolean
  /** Texts only: means over the present values. */
  readonly meanCharacters: number
  readonly meanWords: number
}

export interface StoredColumn {
  readonly name: string
  readonly storage: Storage
}

export async function gatherFacts(
  session: DuckSession,
  relation: string,
  columns: readonly StoredColumn[],
  rowCount: number,
  failure: Failure,
): Promise<ColumnFacts[]> {
  const facts: ColumnFacts[] = []
  for (const group of inGroups(columns, COLUMNS_A_QUERY)) {
    const aggregates = group.map((column, at) => aggregatesOf(column, at, rowCount)).join(', ')
    const row = (await session.rows(`SELECT ${aggregates} FROM ${relation}`, failure))[0] ?? {}
    for (const [at, column] of group.entries()) {
      const number = (key: string): number => Number(row[`${key}_${at}`] ?? Number.NaN)
      const rough = {
        rowCount,
        present: number('present'),
        // An estimate may be above what is possible.
        distinct: Math.min(number('distinct'), number('present')),
        min: number('min'),
        max: number('max'),
        isDistinctExact: false,
        rising: false,
        meanCharacters: number('characters'),
        meanWords: number('words'),
      }
      facts.push(await refine(session, relation, column, rough, failure))
    }
  }
  return facts
}

function aggregatesOf({ name, storage }: StoredColumn, at: number, rowCount: number): string {
  const value = quoteName(name)
  const counted = rowCount > EXACT_DISTINCT_ROWS ? `approx_count_distinct(${value})` : `count(DISTINCT ${value})`
  const common = `count(${value}) AS present_${at}, ${counted} AS distinct_${at}`
  if (storage === 'VARCHAR')
    return `${common}, avg(length(${value})) AS characters_${at},
      avg(length(${value}) - length(replace(${value}, ' ', '')) + 1) AS words_${at}`
  if (storage === 'BIGINT' || storage === 'DOUBLE')
    return `${common}, CAST(min(${value}) AS DOUBLE) AS min_${at}, CAST(max(${value}) AS DOUBLE) AS max_${at}`
  return common
}

/** The costlier questions, asked only where the rough figures leave them open. */
async function refine(
  session: DuckSession,
  relation: string,
  { name, storage }: StoredColumn,
  rough: ColumnFacts,
  failure: Failure,
): Promise<ColumnFacts> {
  const { rowCount, present } = rough
  const isEstimate = rowCount > EXACT_DISTINCT_ROWS
  const mayBeKey = rough.distinct >= (isEstimate ? ESTIMATE_MARGIN : 1) * rowCount
  // Rising values are distinct without being counted, which in a large table takes longer than anything else.
  if (storage === 'BIGINT' && mayBeKey && present === rowCount && (await isRising(session, relation, name, failure)))
    return { ...rough, distinct: rowCount, isDistinctExact: true, rising: true }
  // Few values are counted cheaply; of texts and integers, nearly as many as there are rows decide over identifiers.
  const decides = (storage === 'BIGINT' || storage === 'VARCHAR') && rough.distinct > ESTIMATE_MARGIN * present
  if (!isEstimate || !(rough.distinct < CHEAP_DISTINCT || decides)) return { ...rough, isDistinctExact: !isEstimate }
  const sql = `SELECT count(DISTINCT ${quoteName(name)}) AS n FROM ${relation}`
  return { ...rough, distinct: Number((await session.rows(sql, failure))[0]?.n), isDistinctExact: true }
}

/** Whether each value is above the one before. Ends at the first that is not, so that most columns take no time. */
async function isRising(session: DuckSession, relation: string, name: string, failure: Failure): Promise<boolean> {
  let before = Number.NEGATIVE_INFINITY
  const value = `CAST(${quoteName(name)} AS DOUBLE)`
  for await (const chunk of session.chunks(`SELECT ${value} FROM ${relation}`, failure)) {
    for (const item of typedItems(chunk, 0, Float64Array)) {
      if (!(item > before)) return false
      before = item
    }
  }
  return true
}
