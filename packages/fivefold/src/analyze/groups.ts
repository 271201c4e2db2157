import type { Table } from '../data/index.ts'
import { wilsonInterval } from '../metrics/index.ts'
import { formatNumber } from '../report/index.ts'
import type { Analysis } from './analysis.ts'
import { quoteText, type SqlColumn } from './column-sql.ts'
import { intervalOfMoments, shownClass } from './drift.ts'
import type { ColumnProfile, Group, GroupProfile } from './profile.ts'

const MOST_GROUPS = 12
const LEAST_ROWS = 30

/** Who is in the data and how the target is spread over them: every row is counted. */
export async function profileGroups(analysis: Analysis, columns: readonly SqlColumn[]): Promise<GroupProfile[]> {
  const profiles: GroupProfile[] = []
  const target = columns.find((entry) => entry.name === analysis.options.target)
  for (const name of new Set(analysis.options.protect ?? [])) {
    const column = columns.find((entry) => entry.name === name)
    const profile = analysis.columns.find((entry) => entry.name === name)
    if (column && profile) profiles.push(await profileGroup(analysis, target, column, profile))
  }
  return profiles
}

async function profileGroup(
  { table, target, options }: Analysis,
  targetColumn: SqlColumn | undefined,
  column: SqlColumn,
  profile: ColumnProfile,
): Promise<GroupProfile> {
  const goal = options.target === column.name ? null : target
  const klass = goal?.kind === 'classes' ? goal.classes[shownClass(goal)]! : undefined
  const value = goal && targetColumn ? targetSql(targetColumn, klass) : 'CAST(NULL AS DOUBLE)'
  const rows = await queryGroups(table, groupSql(column, profile), value)
  const total = rows.reduce((sum, row) => sum + Number(row.n), 0)
  const groups = rows.map(
    (row): Group => ({
      name: profile.masked ? '(not shown)' : String(row.g ?? '(missing)'),
      rows: Number(row.n),
      share: wilsonInterval(Number(row.n), total),
      rate: Number(row.t) > 0 ? rateOf(row, goal?.kind === 'classes') : null,
    }),
  )
  const rates = groups.flatMap(({ rate, rows }) => (rate && rows >= LEAST_ROWS ? [rate.value] : []))
  const highest = Math.max(...rates)
  return {
    column: column.name,
    groups,
    rateMeasure: goal
      ? klass === undefined
        ? `mean of ${options.target}`
        : `share of ${options.target} = ${klass}`
      : null,
    rateRatio: rates.length > 1 && highest > 0 && Math.min(...rates) >= 0 ? Math.min(...rates) / highest : null,
  }
}

type Row = Readonly<Record<string, unknown>>

const rateOf = (row: Row, isShare: boolean) =>
  isShare
    ? wilsonInterval(Math.round(Number(row.m) * Number(row.t)), Number(row.t))
    : intervalOfMoments(Number(row.m), Number(row.v ?? 0), Number(row.t))

/** The class as 0 and 1, or the number. */
function targetSql({ value, number, kind }: SqlColumn, klass: string | undefined): string {
  if (klass === undefined) return number
  const isClass = kind === 'number' ? `${number} = ${Number(klass)}` : `CAST(${value} AS VARCHAR) = ${quoteText(klass)}`
  return `CASE WHEN ${value} IS NULL THEN NULL WHEN ${isClass} THEN 1.0 ELSE 0.0 END`
}

function queryGroups(table: Table, group: string, value: string): Promise<Row[]> {
  return table.query(
    `SELECT g, count(*) AS n, count(y) AS t, avg(y) AS m, var_samp(y) AS v FROM (SELECT ${group} AS g, ${value} AS y FROM data) GROUP BY g ORDER BY n DESC, g LIMIT ${MOST_GROUPS}`,
  )
}

/** Numbers are cut at their quartiles, unless they have few values. */
function groupSql(column: SqlColumn, { numeric, distinct }: ColumnProfile): string {
  if (!numeric || distinct <= MOST_GROUPS || column.kind === 'time') return `CAST(${column.value} AS VARCHAR)`
  const cuts = [...new Set([numeric.p25, numeric.p50, numeric.p75])]
  const whens = cuts.map(
    (cut, i) =>
      `WHEN ${column.number} <= ${cut} THEN ${quoteText(i === 0 ? `up to ${formatNumber(cut)}` : `${formatNumber(cuts[i - 1])} to ${formatNumber(cut)}`)}`,
  )
  return `CASE WHEN ${column.value} IS NULL THEN NULL ${whens.join(' ')} ELSE ${quoteText(`above ${formatNumber(cuts.at(-1))}`)} END`
}
