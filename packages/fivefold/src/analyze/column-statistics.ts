import { type Context, throwIfCancelled } from '../core/index.ts'
import type { ColumnSchema, Table } from '../data/index.ts'
import {
  binsOf,
  type Fence,
  fencesOf,
  LARGEST_FOR_MOMENTS,
  QUANTILES,
  TOP_VALUES,
  topValuesWanted,
} from './column-shape.ts'
import { inGroups, type SqlColumn } from './column-sql.ts'
import type { ColumnProfile, Histogram, NumericSummary, Outliers, TextSummary, ValueCount } from './profile.ts'

/** Up to this many rows, distinct counts and quantiles are exact; beyond it, sketches are within a percent and far faster. */
const EXACT_ROWS = 500_000
const GROUP_COLUMNS = 40
type Row = Readonly<Record<string, unknown>>

/** Column profiles from three passes of SQL aggregates over the whole table; nothing but aggregates leaves the database. */
export async function profileColumns(
  table: Table,
  columns: readonly SqlColumn[],
  masked: ReadonlySet<string>,
  context: Context,
): Promise<ColumnProfile[]> {
  const profiles: ColumnProfile[] = []
  const schemas = new Map(table.schema.columns.map((column) => [column.name, column]))
  for (const group of inGroups(columns, GROUP_COLUMNS)) {
    throwIfCancelled(context.signal)
    profiles.push(...(await profileGroup(table, group, schemas, masked)))
    context.progress({ stage: 'profile', done: profiles.length, total: columns.length, note: 'columns' })
  }
  return profiles
}

async function profileGroup(
  table: Table,
  group: readonly SqlColumn[],
  schemas: ReadonlyMap<string, ColumnSchema>,
  masked: ReadonlySet<string>,
): Promise<ColumnProfile[]> {
  const approximate = table.rowCount > EXACT_ROWS
  const selected = group.map((column, i) => summarySql(column, i, approximate)).join(',\n')
  const [summary = {}] = await table.query(`SELECT ${selected} FROM data`)
  const numeric = group.map((column, i) => numericSummary(summary, column, i, approximate))
  const [outliers, histograms, tops] = [
    await countOutliers(table, group, numeric),
    await histogramsOf(table, group, numeric),
    await topValuesOf(table, group, summary),
  ]
  return group.map((column, i) => {
    const schema = schemas.get(column.name)!
    const hide = masked.has(column.name)
    const present = count(summary, `n${i}`)
    const numbers = numeric[i]
    return {
      name: column.name,
      type: schema.type,
      // The range of the values is part of the evidence of numeric types.
      evidence: hide ? 'not shown: personal data' : schema.evidence,
      present,
      missing: table.rowCount - present,
      distinct: Math.min(present, count(summary, `d${i}`)),
      distinctApproximate: approximate,
      masked: hide,
      numeric: numbers && !hide ? { ...numbers, outliers: outliers[i]! } : null,
      text: column.kind === 'text' && present > 0 ? textSummary(summary, i) : null,
      histogram: hide ? null : (histograms.get(i) ?? null),
      topValues: hide ? [] : (tops.get(i) ?? []),
    }
  })
}

function summarySql(column: SqlColumn, i: number, approximate: boolean): string {
  const { value, number, kind } = column
  const common = [
    `count(${value}) AS n${i}`,
    `${approximate ? 'approx_count_distinct' : 'count(DISTINCT '}${approximate ? '(' : ''}${value}) AS d${i}`,
  ]
  if (kind === 'text') {
    const length = `length(${value})`
    return [...common, `min(${length}) AS lo${i}`, `avg(${length}) AS mean${i}`, `max(${length}) AS hi${i}`].join(', ')
  }
  if (kind === 'boolean') return common.join(', ')
  const tame = `CASE WHEN abs(${number}) < ${LARGEST_FOR_MOMENTS} THEN ${number} END`
  const quantile = approximate ? 'approx_quantile' : 'quantile_cont'
  return [
    ...common,
    `min(${number}) AS lo${i}`,
    `max(${number}) AS hi${i}`,
    `avg(${tame}) AS mean${i}`,
    `stddev_samp(${tame}) AS sd${i}`,
    `skewness(${tame}) AS skew${i}`,
    `count(*) FILTER (${number} = 0) AS z${i}`,
    `count(*) FILTER (${number} < 0) AS neg${i}`,
    `${quantile}(${number}, [${Object.values(QUANTILES).join(', ')}]) AS q${i}`,
  ].join(', ')
}

function numericSummary(row: Row, { kind }: SqlColumn, i: number, approximate: boolean): NumericSummary | undefined {
  if (kind === 'text' || kind === 'boolean' || count(row, `n${i}`) === 0) return undefined
  const quantiles = Array.isArray(row[`q${i}`]) ? (row[`q${i}`] as unknown[]).map(Number) : []
  const at = Object.fromEntries(Object.keys(QUANTILES).map((name, k) => [name, quantiles[k] ?? 0]))
  const sd = numberOrNull(row[`sd${i}`])
  return {
    min: Number(row[`lo${i}`]),
    max: Number(row[`hi${i}`]),
    mean: numberOrNull(row[`mean${i}`]),
    sd,
    skewness: sd === 0 ? null : numberOrNull(row[`skew${i}`]),
    ...(at as Record<keyof typeof QUANTILES, number>),
    quantilesApproximate: approximate,
    zeros: count(row, `z${i}`),
    negatives: count(row, `neg${i}`),
    outliers: { byMad: null, byIqr: null },
  }
}

const textSummary = (row: Row, i: number): TextSummary => ({
  minLength: count(row, `lo${i}`),
  meanLength: Number(row[`mean${i}`]),
  maxLength: count(row, `hi${i}`),
})

/** Median absolute deviation and counts outside the fences, in two statements. */
async function countOutliers(
  table: Table,
  group: readonly SqlColumn[],
  numeric: readonly (NumericSummary | undefined)[],
): Promise<Outliers[]> {
  const none: Outliers = { byMad: null, byIqr: null }
  const wanted = group.flatMap((column, i) => (numeric[i] && column.kind !== 'time' ? [i] : []))
  if (wanted.length === 0) return group.map(() => none)
  const median = table.rowCount > EXACT_ROWS ? 'approx_quantile' : 'quantile_cont'
  const mads = wanted.map((i) => `${median}(abs(${group[i]!.number} - ${numeric[i]!.p50}), 0.5) AS m${i}`)
  const [madRow = {}] = await table.query(`SELECT ${mads.join(', ')} FROM data`)
  const fences = group.map((_, i) =>
    numeric[i] ? fencesOf(numeric[i], numberOrNull(madRow[`m${i}`])) : { byMad: null, byIqr: null },
  )
  const outside = (i: number, fence: Fence | null, name: string): string[] =>
    fence ? [`count(*) FILTER (${group[i]!.number} NOT BETWEEN ${fence.low} AND ${fence.high}) AS ${name}${i}`] : []
  const counts = wanted.flatMap((i) => [...outside(i, fences[i]!.byMad, 'a'), ...outside(i, fences[i]!.byIqr, 'b')])
  const [row = {}] = counts.length > 0 ? await table.query(`SELECT ${counts.join(', ')} FROM data`) : [{}]
  const counted = (fence: Fence | null, name: string): { count: number; low: number; high: number } | null =>
    fence && { count: count(row, name), ...fence }
  return group.map((_, i) =>
    wanted.includes(i)
      ? { byMad: counted(fences[i]!.byMad, `a${i}`), byIqr: counted(fences[i]!.byIqr, `b${i}`) }
      : none,
  )
}

/** Equal-width counts in one statement for the group. */
async function histogramsOf(
  table: Table,
  group: readonly SqlColumn[],
  numeric: readonly (NumericSummary | undefined)[],
): Promise<Map<number, Histogram>> {
  const plans = group.flatMap((column, i) => {
    const bins = numeric[i] && binsOf(numeric[i], column.kind === 'integer')
    return bins ? [{ i, column, ...bins }] : []
  })
  if (plans.length === 0) return new Map()
  const parts = plans.map(({ i, column, from, binWidth, bins }) => {
    const bin = `floor((${column.number} - ${from}) / ${binWidth})`
    // The greatest value belongs to the last bin.
    const placed = `CASE WHEN ${column.number} < ${from} THEN -1 WHEN ${column.number} > ${from + binWidth * bins} THEN ${bins} ELSE least(${bin}, ${bins - 1}) END`
    return `SELECT ${i} AS i, CAST(${placed} AS INTEGER) AS bin, count(*) AS n FROM data WHERE ${column.value} IS NOT NULL GROUP BY bin`
  })
  const rows = await table.query(parts.join(' UNION ALL '))
  return new Map(
    plans.map(({ i, from, binWidth, bins }) => [
      i,
      histogramFrom(
        rows.filter((row) => row.i === i),
        from,
        binWidth,
        bins,
      ),
    ]),
  )
}

function histogramFrom(rows: readonly Row[], from: number, binWidth: number, bins: number): Histogram {
  const counts = new Array<number>(bins).fill(0)
  let below = 0
  let above = 0
  for (const row of rows) {
    const bin = Number(row.bin)
    if (bin < 0) below += Number(row.n)
    else if (bin >= bins) above += Number(row.n)
    else counts[bin]! += Number(row.n)
  }
  return { from, binWidth, counts, below, above }
}

async function topValuesOf(
  table: Table,
  group: readonly SqlColumn[],
  summary: Row,
): Promise<Map<number, ValueCount[]>> {
  const repeating = group.flatMap((column, i) => {
    return topValuesWanted(column.kind, count(summary, `d${i}`), count(summary, `n${i}`)) ? [{ column, i }] : []
  })
  if (repeating.length === 0) return new Map()
  const parts = repeating.map(
    ({ column, i }) =>
      `SELECT * FROM (SELECT ${i} AS i, CAST(${column.value} AS VARCHAR) AS v, count(*) AS n FROM data WHERE ${column.value} IS NOT NULL GROUP BY ${column.value} ORDER BY n DESC, v LIMIT ${TOP_VALUES})`,
  )
  const rows = await table.query(parts.join(' UNION ALL '))
  const tops = new Map<number, ValueCount[]>(repeating.map(({ i }) => [i, []]))
  for (const row of rows) {
    const i = Number(row.i)
    // The database writes 1.0 where everyone else writes 1.
    const value = group[i]!.kind === 'number' ? String(Number(row.v)) : String(row.v)
    tops.get(i)!.push({ value, count: Number(row.n) })
  }
  return tops
}

function count(row: Row, name: string): number {
  return Number(row[name] ?? 0)
}

function numberOrNull(value: unknown): number | null {
  const number = value === null || value === undefined ? Number.NaN : Number(value)
  return Number.isFinite(number) ? number : null
}
