import { sql } from 'kysely'
import { FivefoldError } from '../../core/index.ts'
import type { BulkInsert, Row } from '../database/bulk-insert.ts'
import type { Database } from '../database/database.ts'
import { inChunks } from '../database/in-chunks.ts'
import type { LatestMetricRow, Writer } from '../database/tables.ts'
import { together } from '../database/together.ts'
import type { NewMetricPoint } from './run.ts'
import type { RunAddition } from './run-addition.ts'

/** The points of one metric of one run, with the latest of them and of those that were there before. */
interface Series {
  readonly runId: string
  readonly key: string
  readonly points: NewMetricPoint[]
  id: number | undefined
  latest: { step: number; timestampMs: number; value: number } | undefined
  changed: boolean
}

/** By run and key. */
type KnownSeries = ReadonlyMap<string, LatestMetricRow>

const seriesName = (runId: string, key: string): string => `${runId}/${key}`

/** What is there already of the metrics that are to be written. */
export async function readKnownSeries(
  { dialect }: Database,
  writer: Writer,
  additions: readonly RunAddition[],
): Promise<KnownSeries> {
  const ids = new Set<string>()
  const keys = new Set<string>()
  for (const { runId, batch } of additions)
    for (const { key } of batch.metrics ?? []) {
      ids.add(runId)
      keys.add(key)
    }
  if (ids.size === 0) return new Map()
  const { rows } = await sql<LatestMetricRow>`select * from latest_metrics
    where ${dialect.among(sql.ref('run_id'), [...ids])} and ${dialect.among(sql.ref('key'), [...keys])}`.execute(writer)
  return new Map(rows.map((row) => [seriesName(row.run_id, row.key), row]))
}

/** The history only grows; the latest point is kept apart, so that lists of runs need not search it. */
export async function writeMetrics(
  database: Database,
  writer: Writer,
  additions: readonly RunAddition[],
  known: KnownSeries,
): Promise<void> {
  const series = groupBySeries(additions, known)
  for (const one of series) for (const point of one.points) advance(one, point)
  await numberSeries(
    database,
    writer,
    series.filter(({ id }) => id === undefined),
  )
  await together([
    writeLatest(
      database,
      writer,
      series.filter(({ changed }) => changed),
    ),
    writePoints(database, writer, series),
    writeModelMetrics(database, writer, series),
  ])
}

function groupBySeries(additions: readonly RunAddition[], known: KnownSeries): Series[] {
  const byName = new Map<string, Series>()
  for (const { runId, batch } of additions)
    for (const point of batch.metrics ?? []) {
      const name = seriesName(runId, point.key)
      const series = byName.get(name) ?? newSeries(runId, point.key, known.get(name))
      series.points.push(point)
      byName.set(name, series)
    }
  return [...byName.values()]
}

function newSeries(runId: string, key: string, row: LatestMetricRow | undefined): Series {
  const latest = row && { step: row.step, timestampMs: row.timestamp_ms, value: row.value ?? Number.NaN }
  return { runId, key, points: [], id: row?.series, latest, changed: false }
}

/** The latest point has the highest step, then the latest time, then the largest value; NaN is the smallest. */
function advance(series: Series, point: NewMetricPoint): void {
  const { latest } = series
  if (latest) {
    if (point.step < latest.step) return
    if (point.step === latest.step) {
      if (point.timestampMs < latest.timestampMs) return
      const isLarger = point.value > latest.value || (Number.isNaN(latest.value) && !Number.isNaN(point.value))
      if (point.timestampMs === latest.timestampMs && !isLarger) return
    }
  }
  series.latest = { step: point.step, timestampMs: point.timestampMs, value: point.value }
  series.changed = true
}

const toColumn = (value: number): number | null => (Number.isNaN(value) ? null : value)

const LATEST: BulkInsert = {
  table: 'latest_metrics',
  columns: { run_id: 'text', key: 'text', step: 'bigint', timestamp_ms: 'bigint', value: 'double precision' },
  conflict: `(run_id, key) do update
    set step = excluded.step, timestamp_ms = excluded.timestamp_ms, value = excluded.value`,
}

const FIRST: BulkInsert = { ...LATEST, returning: 'series, run_id, key' }

const latestRow = ({ runId, key, latest }: Series): Row => {
  const { step, timestampMs, value } = latest!
  return [runId, key, step, timestampMs, toColumn(value)]
}

/** Writes the latest points of metrics that are new, and takes their numbers. */
async function numberSeries({ dialect }: Database, writer: Writer, series: readonly Series[]): Promise<void> {
  const written = await dialect.insertRows<LatestMetricRow>(writer, FIRST, series.map(latestRow))
  const ids = new Map(written.map((row) => [seriesName(row.run_id, row.key), Number(row.series)]))
  for (const one of series) {
    one.id = ids.get(seriesName(one.runId, one.key))
    one.changed = false
  }
}

async function writeLatest({ dialect }: Database, writer: Writer, series: readonly Series[]): Promise<void> {
  await dialect.insertRows(writer, LATEST, series.map(latestRow))
}

const POINTS: BulkInsert = {
  table: 'metric_points',
  columns: { series: 'bigint', step: 'bigint', timestamp_ms: 'bigint', value: 'double precision', is_nan: 'integer' },
  conflict: 'do nothing',
}

async function writePoints({ dialect }: Database, writer: Writer, series: readonly Series[]): Promise<void> {
  const rows = series.flatMap(({ id, points }) =>
    points.map(({ step, timestampMs, value }) => {
      const isNan = Number.isNaN(value)
      return [id!, step, timestampMs, isNan ? 0 : value, isNan ? 1 : 0]
    }),
  )
  await dialect.insertRows(writer, POINTS, rows)
}

async function writeModelMetrics({ dialect }: Database, writer: Writer, series: readonly Series[]): Promise<void> {
  const rows = series.flatMap(({ runId, points }) =>
    points.flatMap(({ modelId, key, step, timestampMs, value, datasetName, datasetDigest }) =>
      modelId === undefined
        ? []
        : {
            model_id: modelId,
            run_id: runId,
            key,
            step,
            timestamp_ms: timestampMs,
            value: toColumn(value),
            dataset_name: datasetName ?? null,
            dataset_digest: datasetDigest ?? null,
          },
    ),
  )
  if (rows.length === 0) return
  const ids = [...new Set(rows.map(({ model_id }) => model_id))]
  const known = await writer
    .selectFrom('logged_models')
    .select('id')
    .where(dialect.among(sql.ref('id'), ids))
    .execute()
  const missing = ids.find((id) => !known.some((row) => row.id === id))
  if (missing !== undefined) throw new FivefoldError('MODEL_NOT_FOUND', `there is no logged model '${missing}'`)
  await inChunks(rows, async (chunk) => {
    await writer
      .insertInto('model_metrics')
      .values(chunk)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  })
}
