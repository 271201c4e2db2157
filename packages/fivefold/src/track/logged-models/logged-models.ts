import { type RawBuilder, sql } from 'kysely'
import { type Clock, FivefoldError } from '../../core/index.ts'
import type { Database } from '../database/database.ts'
import { parseValue } from '../database/dialect.ts'
import type { LifecycleName, LoggedModelRow, Writer } from '../database/tables.ts'
import { artifactRoot, requireExperiment } from '../experiments/experiments.ts'
import { newId } from '../runs/run-records.ts'
import { type Page, pageLimit, type SearchQuery } from '../search/page.ts'
import { searchIds } from '../search/search-ids.ts'
import { loggedModelField } from './logged-model-fields.ts'

export type LoggedModelStatus = 'pending' | 'ready' | 'failed'

export interface LoggedModelMetric {
  readonly key: string
  readonly value: number
  readonly step: number
  readonly timestampMs: number
  readonly runId: string
  readonly datasetName?: string
  readonly datasetDigest?: string
}

/** A model as a run made it, before or without a name in the registry. */
export interface LoggedModel {
  readonly id: string
  readonly experimentId: string
  readonly name: string
  readonly modelType: string | null
  readonly sourceRunId: string | null
  readonly status: LoggedModelStatus
  readonly artifactUri: string
  readonly createdMs: number
  readonly updatedMs: number
  readonly lifecycle: LifecycleName
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly metrics: readonly LoggedModelMetric[]
  readonly registrations: readonly { readonly name: string; readonly version: number }[]
}

export interface NewLoggedModel {
  readonly experimentId: string
  readonly name?: string
  readonly modelType?: string
  readonly sourceRunId?: string
  readonly params?: Readonly<Record<string, string>>
  readonly tags?: Readonly<Record<string, string>>
}

export interface LoggedModelStore {
  /** A pending model, until `finalizeLoggedModel`. Throws RUN_NOT_FOUND for its experiment. */
  createLoggedModel(model: NewLoggedModel): Promise<LoggedModel>
  /** Throws MODEL_NOT_FOUND. */
  getLoggedModel(id: string): Promise<LoggedModel>
  finalizeLoggedModel(id: string, status: LoggedModelStatus): Promise<LoggedModel>
  deleteLoggedModel(id: string): Promise<void>
  setLoggedModelTags(id: string, tags: Readonly<Record<string, string>>): Promise<LoggedModel>
  deleteLoggedModelTag(id: string, key: string): Promise<void>
  /** A parameter keeps its value: another one is STORE_CONFLICT. */
  logLoggedModelParams(id: string, params: Readonly<Record<string, string>>): Promise<void>
  searchLoggedModels(query: SearchQuery & { readonly experimentIds: readonly string[] }): Promise<Page<LoggedModel>>
}

export function createLoggedModels(database: Database, clock: Clock): LoggedModelStore {
  const getOne = async (id: string): Promise<LoggedModel> => {
    const [model] = await readLoggedModels(database, [id])
    if (model?.lifecycle === 'active') return model
    throw notFound(id)
  }
  const touch = async (writer: Writer, id: string, change: Partial<LoggedModelRow> = {}): Promise<void> => {
    const done = await writer
      .updateTable('logged_models')
      .set({ ...change, updated_ms: clock.nowMs() })
      .where('id', '=', id)
      .where('lifecycle', '=', 'active')
      .executeTakeFirst()
    if (done.numUpdatedRows === 0n) throw notFound(id)
  }
  return {
    async createLoggedModel(model) {
      const id = await database.write((writer) => insertLoggedModel(writer, model, clock.nowMs()))
      return getOne(id)
    },
    getLoggedModel: getOne,
    async finalizeLoggedModel(id, status) {
      await database.write((writer) => touch(writer, id, { status }))
      return getOne(id)
    },
    deleteLoggedModel: (id) => database.write((writer) => touch(writer, id, { lifecycle: 'deleted' })),
    async setLoggedModelTags(id, tags) {
      await database.write(async (writer) => {
        await touch(writer, id)
        await putTags(writer, id, tags)
      })
      return getOne(id)
    },
    deleteLoggedModelTag: (id, key) =>
      database.write(async (writer) => {
        await touch(writer, id)
        const gone = await writer
          .deleteFrom('logged_model_tags')
          .where('model_id', '=', id)
          .where('key', '=', key)
          .executeTakeFirst()
        if (gone.numDeletedRows === 0n) throw new FivefoldError('MODEL_NOT_FOUND', `model '${id}' has no tag '${key}'`)
      }),
    logLoggedModelParams: (id, params) =>
      database.write(async (writer) => {
        await touch(writer, id)
        await putParams(writer, id, params)
      }),
    async searchLoggedModels({ experimentIds, ...query }) {
      const searched = {
        table: 'logged_models',
        id: ['id'],
        resolve: loggedModelField,
        conditions: [
          sql<boolean>`logged_models.lifecycle = 'active'`,
          database.dialect.among(sql.ref('logged_models.experiment_id'), experimentIds),
        ],
        ties: () => [sql`logged_models.created_ms desc`, sql`logged_models.id`],
      }
      const limit = pageLimit(query.limit, 100, 50_000)
      const { items, ...page } = await searchIds<{ id: string }>(database, searched, { ...query, limit })
      const models = await readLoggedModels(
        database,
        items.map(({ id }) => id),
      )
      return { items: models, ...page }
    },
  }
}

const notFound = (id: string): FivefoldError => new FivefoldError('MODEL_NOT_FOUND', `there is no logged model '${id}'`)

async function insertLoggedModel(writer: Writer, model: NewLoggedModel, nowMs: number): Promise<string> {
  const experiment = await requireExperiment(writer, model.experimentId)
  const id = `m-${newId()}`
  await writer
    .insertInto('logged_models')
    .values({
      id,
      experiment_id: experiment.id,
      name: model.name || `model-${id.slice(2, 10)}`,
      model_type: model.modelType ?? null,
      source_run_id: model.sourceRunId ?? null,
      status: 'pending',
      artifact_uri: `${artifactRoot(experiment).replace(/\/$/, '')}/models/${id}/artifacts`,
      created_ms: nowMs,
      updated_ms: nowMs,
      lifecycle: 'active',
    })
    .execute()
  await putTags(writer, id, model.tags ?? {})
  await putParams(writer, id, model.params ?? {})
  return id
}

async function putTags(writer: Writer, id: string, tags: Readonly<Record<string, string>>): Promise<void> {
  for (const [key, value] of Object.entries(tags))
    await writer
      .insertInto('logged_model_tags')
      .values({ model_id: id, key, value })
      .onConflict((conflict) => conflict.columns(['model_id', 'key']).doUpdateSet({ value }))
      .execute()
}

async function putParams(writer: Writer, id: string, params: Readonly<Record<string, string>>): Promise<void> {
  const rows = await writer.selectFrom('logged_model_params').selectAll().where('model_id', '=', id).execute()
  const known = new Map(rows.map(({ key, value }) => [key, value]))
  for (const [key, value] of Object.entries(params)) {
    const old = known.get(key)
    if (old !== undefined && old !== value)
      throw new FivefoldError('STORE_CONFLICT', `parameter '${key}' of model '${id}' is '${old}' already`)
    if (old === undefined) await writer.insertInto('logged_model_params').values({ model_id: id, key, value }).execute()
  }
}

type ReadRow = LoggedModelRow & { params: string | null; tags: string | null; registrations: string | null }

async function readLoggedModels(database: Database, ids: readonly string[]): Promise<LoggedModel[]> {
  const { dialect, read } = database
  const own = (table: RawBuilder<unknown>): RawBuilder<string | null> =>
    dialect.jsonObject(sql`select key, value from ${table} where model_id = logged_models.id order by key`)
  const registered = sql`select model || '/' || version as key, version as value from model_versions
    where model_id = logged_models.id`
  const { rows } = await sql<ReadRow>`select logged_models.*, ${own(sql`logged_model_params`)} as params,
      ${own(sql`logged_model_tags`)} as tags, ${dialect.jsonObject(registered)} as registrations
    from logged_models where ${dialect.among(sql.ref('id'), ids)}`.execute(read)
  const metrics = await readMetrics(database, ids)
  const found = new Map(rows.map((row) => [row.id, toLoggedModel(row, metrics.get(row.id) ?? [])]))
  return ids.flatMap((id) => found.get(id) ?? [])
}

/** The latest point of each metric on each dataset. */
async function readMetrics(database: Database, ids: readonly string[]): Promise<Map<string, LoggedModelMetric[]>> {
  const { rows } = await sql<{
    model_id: string
    run_id: string
    key: string
    point: string
    dataset_name: string | null
    dataset_digest: string | null
  }>`select model_id, run_id, key, cast(${database.dialect.pointJson} as text) as point, dataset_name, dataset_digest from (
      select *, row_number() over (partition by model_id, key, dataset_name, dataset_digest
        order by step desc, timestamp_ms desc, value desc) as place
      from model_metrics where ${database.dialect.among(sql.ref('model_id'), ids)}) as placed
    where place = 1 order by key`.execute(database.read)
  const byModel = new Map<string, LoggedModelMetric[]>()
  for (const row of rows) {
    const [step, timestampMs, value] = JSON.parse(row.point) as [number, number, string | null]
    const metric = {
      key: row.key,
      value: parseValue(value),
      step,
      timestampMs,
      runId: row.run_id,
      ...(row.dataset_name !== null && { datasetName: row.dataset_name }),
      ...(row.dataset_digest !== null && { datasetDigest: row.dataset_digest }),
    }
    byModel.set(row.model_id, [...(byModel.get(row.model_id) ?? []), metric])
  }
  return byModel
}

const parse = <T>(json: string | null): Record<string, T> =>
  json === null ? {} : (JSON.parse(json) as Record<string, T>)

const toLoggedModel = (row: ReadRow, metrics: readonly LoggedModelMetric[]): LoggedModel => ({
  id: row.id,
  experimentId: row.experiment_id,
  name: row.name,
  modelType: row.model_type,
  sourceRunId: row.source_run_id,
  status: row.status as LoggedModelStatus,
  artifactUri: row.artifact_uri,
  createdMs: row.created_ms,
  updatedMs: row.updated_ms,
  lifecycle: row.lifecycle,
  params: parse(row.params),
  tags: parse(row.tags),
  metrics,
  registrations: Object.entries(parse<number>(row.registrations)).map(([name, version]) => ({
    name: name.slice(0, name.lastIndexOf('/')),
    version,
  })),
})
