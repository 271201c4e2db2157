import { sql } from 'kysely'
import { FivefoldError } from '../../core/index.ts'
import type { Database } from '../database/database.ts'
import { inChunks } from '../database/in-chunks.ts'
import type { LatestMetricRow, Writer } from '../database/tables.ts'
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

/** The history only grows; the latest point is kept apart, so that lists of runs need not search it. */
export async function writeMetrics(
  database: Database,
  writer: Writer,
  additions: readonly RunAddition[],
): Promise<void> {
  const series = groupBySeries(additions)
  if (series.length === 0) return
  await readKnownSeries(database, writer, series)
  for (const one of series) for (const point of one.points) advance(one, point)
  await writeLatest(writer, series)
  await writePoints(writer, series)
  await writeModelMetrics(database, writer, series)
}

function groupBySeries(additions: readonly RunAddition[]): Series[] {
  const byRun = new Map<string, Map<string, Series>>()
  for (const { runId, batch } of additions) {
    const byKey = byRun.get(runId) ?? new Map<string, Series>()
    byRun.set(runId, byKey)
    for (const point of batch.metrics ?? []) {
      const known = byKey.get(point.key)
      if (known) known.points.push(point)
      else
        byKey.set(point.key, {
          runId,
          key: point.key,
          points: [point],
          id: undefined,
          latest: undefined,
          changed: false,
        })
    }
  }
  return [...byRun.values()].flatMap((byKey) => [...byKey.values()])
}

async function readKnownSeries({ dialect }: Database, writer: Writer, series: readonly Series[]): Promise<void> {
  const rows = (await writer
    .selectFrom('latest_metrics')
    .selectAll()
    .where(dialect.among(sql.ref('run_id'), [...new Set(series.map(({ runId }) => runId))]))
    .where(dialect.among(sql.ref('key'), [...new Set(series.map(({ key }) => key))]))
    .execute()) as LatestMetricRow[]
  const known = new Map(rows.map((row) => [`${row.run_id}/${row.key}`, row]))
  for (const one of series) {
    const row = known.get(`${one.runId}/${one.key}`)
    if (!row) continue
    one.id = row.series
    one.latest = { step: row.step, timestampMs: row.timestamp_ms, value: row.value ?? Number.NaN }
  }
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

async function writeLatest(writer: Writer, series: readonly Series[]): Promise<void> {
  const changed = series.filter(({ changed }) => changed)
  await inChunks(changed, async (chunk) => {
    const rows = chunk.map(({ runId, key, latest }) => {
      const { step, timestampMs, value } = latest!
      return { run_id: runId, key, step, timestamp_ms: timestampMs, value: toColumn(value) }
    })
    const written = await writer
      .insertInto('latest_metrics')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['run_id', 'key']).doUpdateSet((e) => ({
          step: e.ref('excluded.step'),
          timestamp_ms: e.ref('excluded.timestamp_ms'),
          value: e.ref('excluded.value'),
        })),
      )
      .returning(['series', 'run_id', 'key'])
      .execute()
    const ids = new Map(written.map((row) => [`${row.run_id}/${row.key}`, Number(row.series)]))
    for (const one of chunk) one.id = ids.get(`${one.runId}/${one.key}`)
  })
}

async function writePoints(writer: Writer, series: readonly Series[]): Promise<void> {
  const rows = series.flatMap(({ id, points }) =>
    points.map(({ step, timestampMs, value }) => {
      const isNan = Number.isNaN(value)
      return { series: id!, step, timestamp_ms: timestampMs, value: isNan ? 0 : value, is_nan: isNan ? 1 : 0 }
    }),
  )
  await inChunks(rows, async (chunk) => {
    await writer
      .insertInto('metric_points')
      .values(chunk)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  })
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
