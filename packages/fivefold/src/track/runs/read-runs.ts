import { type RawBuilder, sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { parseValue } from '../database/dialect.ts'
import type { DatasetRow, RunRow } from '../database/tables.ts'
import type { Dataset, DatasetInput, MetricPoint, ModelOutput, Run, RunStatus } from './run.ts'

type ReadRow = RunRow & {
  experiment: string
  params: string | null
  tags: string | null
  metrics: string | null
  models: string | null
  has_datasets: number | boolean
}

/** Runs in the order of their ids. What belongs to a run comes as JSON texts, one row a run: many rows cost more. */
export async function readRuns(database: Database, ids: readonly string[]): Promise<Run[]> {
  const { dialect, read } = database
  const pairs = (table: RawBuilder<unknown>): RawBuilder<string | null> =>
    dialect.jsonObject(sql`select key, value from ${table} where run_id = runs.id order by key`)
  const points = sql`select key, ${dialect.pointJson} as value from latest_metrics where run_id = runs.id order by key`
  const models = sql`select direction || ':' || model_id as key, step as value from run_models where run_id = runs.id`
  const { rows } = await sql<ReadRow>`select runs.*, experiments.name as experiment, ${pairs(sql`params`)} as params,
      ${pairs(sql`tags`)} as tags, ${dialect.jsonObject(points, 'json')} as metrics, ${dialect.jsonObject(models)} as models,
      exists (select 1 from run_datasets where run_id = runs.id) as has_datasets
    from runs join experiments on experiments.id = runs.experiment_id
    where ${dialect.among(sql.ref('runs.id'), ids)}`.execute(read)
  const datasets = await readDatasets(
    database,
    rows.filter(({ has_datasets }) => has_datasets).map(({ id }) => id),
  )
  const found = new Map(rows.map((row) => [row.id, toRun(row, datasets.get(row.id) ?? [])]))
  return ids.flatMap((id) => found.get(id) ?? [])
}

function toRun(row: ReadRow, datasets: readonly DatasetInput[]): Run {
  const models = Object.entries(parse<number>(row.models))
  const ofDirection = (direction: string): ModelOutput[] =>
    models
      .filter(([key]) => key.startsWith(direction))
      .map(([key, step]) => ({ modelId: key.slice(direction.length), step }))
  return {
    id: row.id,
    name: row.name,
    experiment: row.experiment,
    experimentId: row.experiment_id,
    user: row.user_name,
    status: row.status as RunStatus,
    lifecycle: row.lifecycle,
    startedMs: row.started_ms,
    endedMs: row.ended_ms,
    artifactUri: row.artifact_uri,
    params: parse(row.params),
    tags: parse(row.tags),
    metrics: toMetrics(row.metrics),
    inputs: { datasets, modelIds: ofDirection('input:').map(({ modelId }) => modelId) },
    outputs: ofDirection('output:'),
  }
}

const parse = <T = string>(json: string | null): Record<string, T> =>
  json === null ? {} : (JSON.parse(json) as Record<string, T>)

function toMetrics(json: string | null): Record<string, MetricPoint> {
  const points = Object.entries(parse<[step: number, timestampMs: number, value: string | null]>(json))
  return Object.fromEntries(
    points.map(([key, [step, timestampMs, value]]) => [key, { key, value: parseValue(value), step, timestampMs }]),
  )
}

async function readDatasets(database: Database, ids: readonly string[]): Promise<Map<string, DatasetInput[]>> {
  const byRun = new Map<string, DatasetInput[]>()
  if (ids.length === 0) return byRun
  const rows = await database.read
    .selectFrom('run_datasets')
    .innerJoin('datasets', 'datasets.id', 'run_datasets.dataset_id')
    .selectAll('datasets')
    .select(['run_datasets.run_id', 'run_datasets.tags'])
    .where(database.dialect.among(sql.ref('run_datasets.run_id'), ids))
    .orderBy('datasets.name')
    .execute()
  for (const row of rows) {
    const input = { dataset: toDataset(row), tags: JSON.parse(row.tags) as Record<string, string> }
    byRun.set(row.run_id, [...(byRun.get(row.run_id) ?? []), input])
  }
  return byRun
}

const toDataset = (row: DatasetRow): Dataset => ({
  name: row.name,
  digest: row.digest,
  sourceType: row.source_type,
  source: row.source,
  ...(row.schema !== null && { schema: row.schema }),
  ...(row.profile !== null && { profile: row.profile }),
})
