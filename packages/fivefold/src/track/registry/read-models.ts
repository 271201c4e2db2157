import { sql } from 'kysely'
import type { MetricValues } from '../../metrics/index.ts'
import type { ContentStore } from '../artifacts/content-store.ts'
import type { Database } from '../database/database.ts'
import type { ModelRow, ModelVersionRow } from '../database/tables.ts'
import type { ModelStage, ModelVersion, RegisteredModel } from './registry.ts'

type ReadModel = ModelRow & { tags: string | null; aliases: string | null }
type ReadVersion = ModelVersionRow & { tags: string | null; aliases: string | null }

/** Models in the order of their names, with all of their versions; names that do not exist are left out. */
export async function readModels(
  database: Database,
  content: ContentStore,
  names: readonly string[],
): Promise<RegisteredModel[]> {
  const { read, dialect } = database
  const tags = sql`select key, value from model_tags where model = models.name order by key`
  const aliases = sql`select alias as key, version as value from model_aliases where model = models.name order by alias`
  const { rows } = await sql<ReadModel>`select models.*, ${dialect.jsonObject(tags)} as tags,
    ${dialect.jsonObject(aliases)} as aliases from models where ${dialect.among(sql.ref('name'), names)}`.execute(read)
  const versions = new Map<string, ModelVersion[]>()
  for (const version of await readVersions(database, content, names))
    versions.set(version.name, [...(versions.get(version.name) ?? []), version])
  const found = new Map(rows.map((row) => [row.name, toModel(row, versions.get(row.name) ?? [])]))
  return names.flatMap((name) => found.get(name) ?? [])
}

/** Versions of the named models, newest first. */
export async function readVersions(
  { read, dialect }: Database,
  content: ContentStore,
  names: readonly string[],
): Promise<ModelVersion[]> {
  const own = sql`model = model_versions.model and version = model_versions.version`
  const tags = sql`select key, value from model_version_tags where ${own} order by key`
  const aliases = sql`select alias as key, 1 as value from model_aliases where ${own} order by alias`
  const { rows } = await sql<ReadVersion>`select model_versions.*, ${dialect.jsonObject(tags)} as tags,
    ${dialect.jsonObject(aliases)} as aliases from model_versions where ${dialect.among(sql.ref('model'), names)}
    order by version desc`.execute(read)
  return rows.map((row) => toVersion(row, content))
}

const parse = <T>(json: string | null): Record<string, T> =>
  json === null ? {} : (JSON.parse(json) as Record<string, T>)

const toModel = (row: ReadModel, versions: readonly ModelVersion[]): RegisteredModel => ({
  name: row.name,
  createdMs: row.created_ms,
  updatedMs: row.updated_ms,
  description: row.description,
  tags: parse(row.tags),
  aliases: parse(row.aliases),
  versions,
})

const toVersion = (row: ReadVersion, content: ContentStore): ModelVersion => ({
  name: row.model,
  version: row.version,
  bundlePath: row.content_hash === '' ? '' : content.pathOfFolder(row.content_hash),
  runId: row.run_id,
  metrics: JSON.parse(row.metrics) as MetricValues,
  createdMs: row.created_ms,
  updatedMs: row.updated_ms,
  aliases: Object.keys(parse<number>(row.aliases)).sort(),
  tags: parse(row.tags),
  stage: row.stage as ModelStage,
  description: row.description,
  user: row.user_name,
  source: row.source,
  downloadUri: row.storage_uri ?? row.source,
  runLink: row.run_link,
  modelId: row.model_id,
})
