import { basename } from 'node:path'
import { type Clock, FivefoldError } from '../../core/index.ts'
import type { MetricValues } from '../../metrics/index.ts'
import { pathOfUri } from '../artifacts/artifact-path.ts'
import { REGISTRY_ROOT } from '../artifacts/artifact-store.ts'
import type { ContentStore } from '../artifacts/content-store.ts'
import { filesOfTree } from '../artifacts/files-of-tree.ts'
import type { Database } from '../database/database.ts'
import type { Writer } from '../database/tables.ts'
import { requireRun } from '../runs/run-records.ts'
import { writeAudit } from './audit.ts'
import { createModelVersions, newVersionRow, nextVersion, requireVersion, updateVersion } from './model-versions.ts'
import { readModels } from './read-models.ts'
import { createRegisteredModels, insertModel } from './registered-models.ts'
import type { AuditEntry, ModelRegistry, ModelVersion, RegisteredModel } from './registry.ts'

/** Model versions, the aliases that point to them, and the record of every change. */
export function createModelRegistry(database: Database, content: ContentStore, clock: Clock): ModelRegistry {
  const versions = createModelVersions(database, content, clock)
  return {
    ...createRegisteredModels(database, content, clock),
    ...versions,
    async registerModel(
      name,
      bundlePath,
      { runId = null, metrics = {} }: { runId?: string | null; metrics?: MetricValues } = {},
    ) {
      checkName(name, 'model')
      const contentHash = await content.addFolder(bundlePath)
      const version = await database.write(async (writer) => {
        const createdMs = clock.nowMs()
        if (runId !== null) await requireRun(writer, runId)
        await insertModel(writer, name, createdMs)
        const next = await nextVersion(writer, name, createdMs)
        await writer
          .insertInto('model_versions')
          .values({
            ...newVersionRow(name, next, createdMs),
            content_hash: contentHash,
            source: `mlflow-artifacts:/${REGISTRY_ROOT}/${contentHash}`,
            run_id: runId,
            metrics: JSON.stringify(metrics),
          })
          .execute()
        await writeAudit(writer, clock, { action: 'registerModel', model: name, details: { version: next, runId } })
        return next
      })
      return versions.getModelVersion(name, version)
    },

    async resolveModel(reference) {
      const found = await findVersion(database, content, reference)
      const hash = found.bundlePath === '' ? await joinFiles(database, content, found) : basename(found.bundlePath)
      return { ...found, bundlePath: await content.fetchFolder(hash) }
    },

    async setAlias(name, alias, version) {
      checkAlias(alias)
      return database.write(async (writer) => {
        await requireVersion(writer, name, version)
        const before = await aliasedVersion(writer, name, alias)
        await writer
          .insertInto('model_aliases')
          .values({ model: name, alias, version })
          .onConflict((conflict) => conflict.columns(['model', 'alias']).doUpdateSet({ version }))
          .execute()
        const details = { alias, version, before: before ?? null }
        await writeAudit(writer, clock, { action: 'setAlias', model: name, details })
      })
    },

    deleteAlias: (name, alias) =>
      database.write(async (writer) => {
        const before = await aliasedVersion(writer, name, alias)
        if (before === undefined) throw new FivefoldError('MODEL_NOT_FOUND', `model '${name}' has no alias '${alias}'`)
        await writer.deleteFrom('model_aliases').where('model', '=', name).where('alias', '=', alias).execute()
        await writeAudit(writer, clock, { action: 'deleteAlias', model: name, details: { alias, before } })
      }),

    async auditTrail(model) {
      let query = database.read.selectFrom('audit').selectAll().orderBy('sequence')
      if (model !== undefined) query = query.where('model', '=', model)
      return (await query.execute()).map(toAuditEntry)
    },
  }
}

async function findVersion(database: Database, content: ContentStore, reference: string): Promise<ModelVersion> {
  const { name, version, alias } = parseReference(reference)
  const model = (await readModels(database, content, [name]))[0]
  if (!model) throw new FivefoldError('MODEL_NOT_FOUND', `the registry has no model '${name}'`)
  const found =
    alias === 'latest'
      ? model.versions[0]
      : model.versions.find((one) => (alias ? one.aliases.includes(alias) : one.version === version))
  if (found) return found
  throw new FivefoldError('MODEL_NOT_FOUND', `model '${name}' has ${describeVersions(model, alias, version)}`)
}

/** Makes a folder of the files that a client uploaded, once; returns its hash. */
async function joinFiles(database: Database, content: ContentStore, found: ModelVersion): Promise<string> {
  const { name, version, downloadUri } = found
  const path = pathOfUri(downloadUri)
  const files = path === undefined ? [] : await filesOfTree(database, path)
  if (files.length === 0)
    throw new FivefoldError(
      'MODEL_NOT_FOUND',
      `the files of ${name}/${version} are not in this store but at ${downloadUri}`,
    )
  const contentHash = await content.addTree(files)
  await database.write((writer) => updateVersion(writer, name, version, { content_hash: contentHash }))
  return contentHash
}

async function aliasedVersion(writer: Writer, name: string, alias: string): Promise<number | undefined> {
  const row = await writer
    .selectFrom('model_aliases')
    .select('version')
    .where('model', '=', name)
    .where('alias', '=', alias)
    .executeTakeFirst()
  return row?.version
}

const toAuditEntry = (row: { timestamp_ms: number; action: string; model: string; details: string }): AuditEntry => ({
  timestampMs: row.timestamp_ms,
  action: row.action as AuditEntry['action'],
  model: row.model,
  details: JSON.parse(row.details) as AuditEntry['details'],
})

function describeVersions(model: RegisteredModel, alias: string | undefined, version: number | undefined): string {
  const known = model.versions.flatMap((one) => [String(one.version), ...one.aliases.map((a) => `@${a}`)])
  return `no ${alias === undefined ? `version ${version}` : `alias '${alias}'`}; there are: ${known.join(', ')}`
}

function parseReference(reference: string): { name: string; version?: number; alias?: string } {
  const match = /^([\w.-]+)(?:@([\w.-]+)|\/(\d{1,9}))$/.exec(reference)
  if (!match)
    throw new FivefoldError('MODEL_NOT_FOUND', `'${reference}' is neither of the form name@alias nor name/version`)
  const [, name, alias, version] = match
  return {
    name: name!,
    ...(alias !== undefined && { alias }),
    ...(version !== undefined && { version: Number(version) }),
  }
}

function checkName(name: string, what: string): void {
  if (/^[\w.-]{1,250}$/.test(name)) return
  throw new FivefoldError('OPTION_INVALID', `'${name}' is not a name for a ${what}: letters, digits, '_', '.' and '-'`)
}

/** `latest` always is the newest version, and `v1` would look like a version. */
function checkAlias(alias: string): void {
  checkName(alias, 'model alias')
  if (/^(latest|v\d+)$/i.test(alias)) throw new FivefoldError('OPTION_INVALID', `the alias '${alias}' is reserved`)
}
