import { type Context, createContext } from '../../core/index.ts'
import { type DuckSession, openSession, sessionOptions } from '../duck/session.ts'
import { quoteName, quoteText } from '../duck/sql.ts'
import { type ColumnSchema, isNumeric } from '../schema.ts'
import type { DataVersion } from './snapshots.ts'

/** Above this many rows in both together, rows are not compared one by one. */
const MAX_COMPARED_ROWS = 20_000_000

export interface ColumnDifference {
  readonly name: string
  /** Shares of missing values, before and after. */
  readonly missing: readonly [number, number]
  /** Means of a numeric column, null where nothing is present. */
  readonly mean?: readonly [number | null, number | null]
  /** Counts of distinct values. */
  readonly distinct: readonly [number, number]
  /**
   * How far the distributions of present values are apart, in [0, 1]: the Kolmogorov-Smirnov statistic of numbers and
   * datetimes, the total variation distance of texts. Null where a side has no value.
   */
  readonly distance: number | null
}

export interface VersionDifference {
  readonly from: string
  readonly to: string
  readonly rows: readonly [number, number]
  readonly addedColumns: readonly string[]
  readonly removedColumns: readonly string[]
  readonly retypedColumns: readonly { readonly name: string; readonly from: string; readonly to: string }[]
  /** Columns of the same type on both sides, in the order of `to`. */
  readonly columns: readonly ColumnDifference[]
  /** Rows of `to` that `from` lacks and the other way round, over the common columns; absent for very large versions. */
  readonly addedRows?: number
  readonly removedRows?: number
}

/** What changed between two data versions: schema, rows, and the distribution of each column. */
export async function diffVersions(
  from: DataVersion,
  to: DataVersion,
  context: Context = createContext(),
): Promise<VersionDifference> {
  const before = new Map(from.schema.columns.map((column) => [column.name, column]))
  const after = new Map(to.schema.columns.map((column) => [column.name, column]))
  const shared = to.schema.columns.filter(({ name }) => before.has(name))
  const comparable = shared.filter(
    (column) => column.type === before.get(column.name)!.type && isText(column) === isText(before.get(column.name)!),
  )
  const session = await openSession(sessionOptions(context, true))
  try {
    await attach(session, from, to)
    const columns: ColumnDifference[] = []
    for (const column of comparable) columns.push(await compareColumn(session, column))
    return {
      from: from.hash,
      to: to.hash,
      rows: [from.rowCount, to.rowCount],
      addedColumns: [...after.keys()].filter((name) => !before.has(name)),
      removedColumns: [...before.keys()].filter((name) => !after.has(name)),
      retypedColumns: shared
        .filter((column) => !comparable.includes(column))
        .map(({ name, type }) => ({ name, from: before.get(name)!.type, to: type })),
      columns,
      ...(await compareRows(session, from, to, comparable)),
    }
  } finally {
    await session.close()
  }
}

const isText = (column: ColumnSchema): boolean => !isNumeric(column.type, column.tensor)
const failure = { code: 'DATA_UNREADABLE', place: 'data versions' } as const

async function attach(session: DuckSession, from: DataVersion, to: DataVersion): Promise<void> {
  for (const [name, { path }] of [
    ['before', from],
    ['after', to],
  ] as const)
    await session.run(`CREATE VIEW ${quoteName(name)} AS SELECT * FROM read_parquet(${quoteText(path)})`, failure)
}

async function compareColumn(session: DuckSession, column: ColumnSchema): Promise<ColumnDifference> {
  const before = await figures(session, 'before', column)
  const after = await figures(session, 'after', column)
  const comparable = before.present > 0 && after.present > 0
  return {
    name: column.name,
    missing: [before.missing, after.missing],
    ...(isText(column) ? {} : { mean: [before.mean, after.mean] as const }),
    distinct: [before.distinct, after.distinct],
    distance: comparable ? await distance(session, column) : null,
  }
}

async function figures(session: DuckSession, side: string, column: ColumnSchema) {
  const mean = isText(column) ? 'NULL' : `avg(${numberSql(column)})`
  const sql = `SELECT count(${quoteName(column.name)}) AS present, count(*) AS total,
    count(DISTINCT ${quoteName(column.name)}) AS "distinct", ${mean} AS mean FROM ${quoteName(side)}`
  const row = (await session.rows(sql, failure))[0] ?? {}
  const present = Number(row.present)
  return {
    present,
    missing: 1 - present / Number(row.total),
    distinct: Number(row.distinct),
    mean: row.mean === null ? null : Number(row.mean),
  }
}

function numberSql(column: ColumnSchema): string {
  const value = quoteName(column.name)
  return column.type === 'datetime' ? `CAST(epoch_ms(${value}) AS DOUBLE)` : `CAST(${value} AS DOUBLE)`
}

/** Both distances are read off the counts of each value: running shares for numbers, plain shares for texts. */
async function distance(session: DuckSession, column: ColumnSchema): Promise<number> {
  const value = isText(column) ? quoteName(column.name) : numberSql(column)
  const side = (name: string, weight: number): string =>
    `SELECT ${value} AS value, ${weight} AS side FROM ${quoteName(name)} WHERE ${quoteName(column.name)} IS NOT NULL`
  const counts = `SELECT value, count_if(side = 0) AS b, count_if(side = 1) AS a
    FROM (${side('before', 0)} UNION ALL ${side('after', 1)}) GROUP BY value`
  const sql = isText(column)
    ? `SELECT sum(abs(b / tb - a / ta)) / 2 AS distance FROM (SELECT b, a, sum(b) OVER () AS tb, sum(a) OVER () AS ta FROM (${counts}))`
    : `SELECT max(abs(cb / tb - ca / ta)) AS distance FROM (SELECT sum(b) OVER (ORDER BY value) AS cb, sum(a) OVER (ORDER BY value) AS ca,
        sum(b) OVER () AS tb, sum(a) OVER () AS ta FROM (${counts}))`
  return Number((await session.rows(sql, failure))[0]?.distance)
}

async function compareRows(
  session: DuckSession,
  from: DataVersion,
  to: DataVersion,
  columns: readonly ColumnSchema[],
): Promise<{ addedRows?: number; removedRows?: number }> {
  if (columns.length === 0 || from.rowCount + to.rowCount > MAX_COMPARED_ROWS) return {}
  // As doubles, since the same number may be stored as an integer on one side and as a double on the other.
  const key = columns.map((column) => (isText(column) ? quoteName(column.name) : numberSql(column))).join(', ')
  const sql = `SELECT sum(greatest(a - b, 0)) AS added, sum(greatest(b - a, 0)) AS removed FROM
    (SELECT h, count_if(side = 0) AS b, count_if(side = 1) AS a FROM
      (SELECT hash(${key}) AS h, 0 AS side FROM before UNION ALL SELECT hash(${key}) AS h, 1 AS side FROM after) GROUP BY h)`
  const row = (await session.rows(sql, failure))[0] ?? {}
  return { addedRows: Number(row.added), removedRows: Number(row.removed) }
}
