import { sql } from 'kysely'
import { type Clock, FivefoldError } from '../../core/index.ts'
import type { ContentStore } from '../artifacts/content-store.ts'
import type { Database } from '../database/database.ts'
import type { LoggedModelRow, ModelVersionRow, Writer } from '../database/tables.ts'
import { requireRun } from '../runs/run-records.ts'
import { pageLimit } from '../search/page.ts'
import { searchIds } from '../search/search-ids.ts'
import { writeAudit } from './audit.ts'
import { readVersions } from './read-models.ts'
import { requireModel } from './registered-models.ts'
import type { ModelRegistry, NewModelVersion } from './registry.ts'
import { versionField } from './registry-fields.ts'

type VersionMethods = Pick<
  ModelRegistry,
  | 'createModelVersion'
  | 'getModelVersion'
  | 'describeModelVersion'
  | 'deleteModelVersion'
  | 'setStage'
  | 'setVersionTag'
  | 'deleteVersionTag'
  | 'searchModelVersions'
>

/** Versions of the models of the registry. */
export function createModelVersions(database: Database, content: ContentStore, clock: Clock): VersionMethods {
  const getModelVersion: VersionMethods['getModelVersion'] = async (name, version) => {
    const found = (await readVersions(database, content, [name])).find((one) => one.version === version)
    if (found) return found
    throw versionNotFound(name, version)
  }
  const change = (name: string, version: number, values: Partial<ModelVersionRow>): Promise<void> =>
    database.write(async (writer) => {
      await requireVersion(writer, name, version)
      await updateVersion(writer, name, version, { ...values, updated_ms: clock.nowMs() })
    })
  return {
    getModelVersion,
    async createModelVersion(created) {
      const version = await database.write((writer) => insertVersion(writer, created, clock))
      return getModelVersion(created.name, version)
    },
    describeModelVersion: (name, version, description) => change(name, version, { description }),
    deleteModelVersion: (name, version) =>
      database.write(async (writer) => {
        await requireVersion(writer, name, version)
        for (const table of ['model_aliases', 'model_version_tags', 'model_versions'] as const)
          await writer.deleteFrom(table).where('model', '=', name).where('version', '=', version).execute()
        await writeAudit(writer, clock, { action: 'deleteVersion', model: name, details: { version } })
      }),
    setStage: (name, version, stage, archiveOthers = false) =>
      database.write(async (writer) => {
        const { stage: before } = await requireVersion(writer, name, version)
        const updated_ms = clock.nowMs()
        if (archiveOthers)
          await writer
            .updateTable('model_versions')
            .set({ stage: 'Archived', updated_ms })
            .where('model', '=', name)
            .where('stage', '=', stage)
            .execute()
        await updateVersion(writer, name, version, { stage, updated_ms })
        await writeAudit(writer, clock, { action: 'setStage', model: name, details: { version, stage, before } })
      }),
    setVersionTag: (name, version, key, value) =>
      database.write(async (writer) => {
        await requireVersion(writer, name, version)
        await putTag(writer, name, version, key, value)
      }),
    deleteVersionTag: (name, version, key) =>
      database.write(async (writer) => {
        await requireVersion(writer, name, version)
        await writer
          .deleteFrom('model_version_tags')
          .where('model', '=', name)
          .where('version', '=', version)
          .where('key', '=', key)
          .execute()
      }),
    async searchModelVersions(query) {
      const searched = {
        table: 'model_versions',
        id: ['model', 'version'],
        resolve: versionField,
        conditions: [],
        ties: newestFirst,
      }
      const limit = pageLimit(query.limit, 10_000, 200_000)
      const page = await searchIds<{ model: string; version: number }>(database, searched, { ...query, limit })
      const names = [...new Set(page.items.map(({ model }) => model))]
      const versions = await readVersions(database, content, names)
      const found = new Map(versions.map((one) => [`${one.name}/${one.version}`, one]))
      return { ...page, items: page.items.flatMap(({ model, version }) => found.get(`${model}/${version}`) ?? []) }
    },
  }
}

const newestFirst = (): ReturnType<typeof sql>[] => [
  sql`model_versions.updated_ms desc`,
  sql`model_versions.model`,
  sql`model_versions.version desc`,
]

export const versionNotFound = (name: string, version: number): FivefoldError =>
  new FivefoldError('MODEL_NOT_FOUND', `Model Version (name=${name}, version=${version}) not found`)

export async function requireVersion(writer: Writer, name: string, version: number): Promise<ModelVersionRow> {
  const row = await writer
    .selectFrom('model_versions')
    .selectAll()
    .where('model', '=', name)
    .where('version', '=', version)
    .executeTakeFirst()
  if (row) return row
  throw versionNotFound(name, version)
}

export async function updateVersion(
  writer: Writer,
  name: string,
  version: number,
  values: Partial<ModelVersionRow>,
): Promise<void> {
  await writer
    .updateTable('model_versions')
    .set(values)
    .where('model', '=', name)
    .where('version', '=', version)
    .execute()
}

async function putTag(writer: Writer, model: string, version: number, key: string, value: string): Promise<void> {
  await writer
    .insertInto('model_version_tags')
    .values({ model, version, key, value })
    .onConflict((conflict) => conflict.columns(['model', 'version', 'key']).doUpdateSet({ value }))
    .execute()
}

/** Takes the next number of the model, which has to exist. */
export async function nextVersion(writer: Writer, name: string, nowMs: number): Promise<number> {
  const { last_version } = await writer
    .updateTable('models')
    .set((e) => ({ last_version: e('last_version', '+', 1), updated_ms: nowMs }))
    .where('name', '=', name)
    .returning('last_version')
    .executeTakeFirstOrThrow()
  return Number(last_version)
}

async function insertVersion(writer: Writer, created: NewModelVersion, clock: Clock): Promise<number> {
  const { name, source, runId, runLink, description, modelId, user, tags = {} } = created
  await requireModel(writer, name)
  if (runId !== undefined) await requireRun(writer, runId)
  const model = await namedModel(writer, source, modelId)
  const madeBy = runId ?? (await existingRun(writer, model?.source_run_id))
  const nowMs = clock.nowMs()
  const version = await nextVersion(writer, name, nowMs)
  await writer
    .insertInto('model_versions')
    .values({
      ...newVersionRow(name, version, nowMs),
      source,
      storage_uri: model?.artifact_uri ?? null,
      run_id: madeBy,
      run_link: runLink ?? null,
      description: description ?? null,
      model_id: modelId ?? null,
      user_name: user ?? null,
    })
    .execute()
  for (const [key, value] of Object.entries(tags)) await putTag(writer, name, version, key, value)
  await writeAudit(writer, clock, { action: 'registerModel', model: name, details: { version, runId: madeBy } })
  return version
}

export const newVersionRow = (model: string, version: number, nowMs: number): ModelVersionRow => ({
  model,
  version,
  content_hash: '',
  run_id: null,
  metrics: '{}',
  created_ms: nowMs,
  updated_ms: nowMs,
  user_name: null,
  description: null,
  source: '',
  storage_uri: null,
  run_link: null,
  stage: 'None',
  model_id: null,
})

/** null where the run is gone, or was never known here. */
async function existingRun(writer: Writer, id: string | null | undefined): Promise<string | null> {
  if (!id) return null
  const run = await writer.selectFrom('runs').select('id').where('id', '=', id).executeTakeFirst()
  return run?.id ?? null
}

/** The logged model that a source names, as in `models:/m-...`. */
async function namedModel(
  writer: Writer,
  source: string,
  modelId: string | undefined,
): Promise<Pick<LoggedModelRow, 'artifact_uri' | 'source_run_id'> | undefined> {
  const named = /^models:\/+(m-[^/]+)$/.exec(source)?.[1]
  if (named === undefined) return undefined
  const id = modelId ?? named
  const model = await writer
    .selectFrom('logged_models')
    .select(['artifact_uri', 'source_run_id'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (model) return model
  throw new FivefoldError('MODEL_NOT_FOUND', `there is no logged model '${id}'`)
}
