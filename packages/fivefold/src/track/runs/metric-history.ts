import { sql } from 'kysely'
import { FivefoldError } from '../../core/index.ts'
import type { Database } from '../database/database.ts'
import { pageLimit, pageOffset, toPage } from '../search/page.ts'
import type { MetricBucket, MetricPoint, RunStore, StepRange } from './run.ts'
import { requireRun } from './run-records.ts'

type HistoryMethods = Pick<RunStore, 'metricHistory' | 'metricHistoryPage' | 'metricBuckets' | 'sampleMetric'>

/** Reading the points of one metric: all, by pages, in buckets, or a sample of them. */
export function createMetricHistory(database: Database): HistoryMethods {
  const { read } = database
  /** undefined where the run has no such metric. */
  const seriesOf = async (runId: string, key: string): Promise<number | undefined> => {
    const row = await read
      .selectFrom('latest_metrics')
      .select('series')
      .where('run_id', '=', runId)
      .where('key', '=', key)
      .executeTakeFirst()
    if (!row) await requireRun(read, runId)
    return row && Number(row.series)
  }
  const readPoints = async (series: number, key: string, limit?: number, offset = 0): Promise<MetricPoint[]> => {
    let query = read
      .selectFrom('metric_points')
      .selectAll()
      .where('series', '=', series)
      .orderBy('step')
      .orderBy('timestamp_ms')
      .orderBy('value')
    if (limit !== undefined) query = query.limit(limit).offset(offset)
    return (await query.execute()).map((row) => toPoint(key, row))
  }
  return {
    async metricHistory(runId, key) {
      const series = await seriesOf(runId, key)
      return series === undefined ? [] : readPoints(series, key)
    },
    async metricHistoryPage(runId, key, page) {
      const limit = pageLimit(page.limit, 25_000, 25_000)
      const offset = pageOffset(page.pageToken)
      const series = await seriesOf(runId, key)
      if (series === undefined) return { items: [] }
      return toPage(await readPoints(series, key, limit + 1, offset), offset, limit)
    },
    async metricBuckets(runId, key, { buckets, ...range }) {
      if (!Number.isInteger(buckets) || buckets < 1 || buckets > 100_000)
        throw new FivefoldError('OPTION_INVALID', `${buckets} buckets: it must be a whole number from 1 to 100000`)
      const series = await seriesOf(runId, key)
      return series === undefined ? [] : readBuckets(database, series, range, buckets)
    },
    async sampleMetric(runId, key, { limit, ...range }) {
      const series = await seriesOf(runId, key)
      if (series === undefined) return []
      const { rows } = await sql<PointColumns>`with placed as (
          select metric_points.*, dense_rank() over (order by step) - 1 as place from metric_points
          where series = ${series} and ${within(range)}),
        size as (select max(place) as last, (max(place) + ${limit}) / ${limit} as stride from placed)
        select placed.* from placed, size where place = last or place % stride = 0
        order by step, timestamp_ms, value`.execute(read)
      return rows.map((row) => toPoint(key, row))
    },
  }
}

interface PointColumns {
  step: number
  timestamp_ms: number
  value: number
  is_nan: number
}

const toPoint = (key: string, { step, timestamp_ms, value, is_nan }: PointColumns): MetricPoint => ({
  key,
  value: is_nan === 1 ? Number.NaN : value,
  step,
  timestampMs: timestamp_ms,
})

function within({ fromStep, toStep }: StepRange): ReturnType<typeof sql<boolean>> {
  const from = fromStep ?? Number.MIN_SAFE_INTEGER
  const to = toStep ?? Number.MAX_SAFE_INTEGER
  return sql<boolean>`step between cast(${from} as bigint) and cast(${to} as bigint)`
}

interface BucketRow {
  from_step: number
  to_step: number
  points: number
  least: number | null
  greatest: number | null
  average: number | null
}

async function readBuckets(
  { read }: Database,
  series: number,
  range: StepRange,
  buckets: number,
): Promise<MetricBucket[]> {
  const own = sql`series = ${series} and ${within(range)}`
  const { rows } = await sql<BucketRow>`with bounds as (
      select min(step) as low, max(step) - min(step) + 1 as span from metric_points where ${own})
    select min(step) as from_step, max(step) as to_step, count(*) as points,
      min(case when is_nan = 0 then value end) as least, max(case when is_nan = 0 then value end) as greatest,
      avg(case when is_nan = 0 then value end) as average
    from metric_points, bounds where ${own}
    group by (step - low) * cast(${buckets} as bigint) / span order by from_step`.execute(read)
  return rows.map((row) => ({
    fromStep: row.from_step,
    toStep: row.to_step,
    count: row.points,
    min: row.least ?? Number.NaN,
    max: row.greatest ?? Number.NaN,
    mean: row.average ?? Number.NaN,
  }))
}
