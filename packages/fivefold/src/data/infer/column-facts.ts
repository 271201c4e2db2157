import type { DuckSession, Failure } from '../duck/session.ts'
import { inGroups, quoteName } from '../duck/sql.ts'
import type { Storage } from './reading.ts'

const COLUMNS_A_QUERY = 16
/** Above this many rows distinct values are counted exactly only where the answer decides something. */
const EXACT_DISTINCT_ROWS = 1_000_000
const CHEAP_DISTINCT = 100_000

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
        distinct: number('distinct'),
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
  const value = quoteName(name)
  const one = async (sql: string): Promise<unknown> => Object.values((await session.rows(sql, failure))[0] ?? {})[0]
  const { rowCount, present } = rough
  // Few values are counted cheaply, and nearly as many as there are rows decide over identifiers.
  const isEstimate = rowCount > EXACT_DISTINCT_ROWS
  const recount = isEstimate && (rough.distinct < CHEAP_DISTINCT || rough.distinct > 0.85 * present)
  const distinct = recount ? Number(await one(`SELECT count(DISTINCT ${value}) FROM ${relation}`)) : rough.distinct
  const counted = { ...rough, distinct, isDistinctExact: !isEstimate || recount }
  if (storage !== 'BIGINT' || distinct < rowCount) return counted
  const falls = await one(
    `SELECT count_if(this <= before) FROM (SELECT ${value} AS this, lag(${value}) OVER (ORDER BY rowid) AS before FROM ${relation})`,
  )
  return { ...counted, rising: Number(falls) === 0 }
}
