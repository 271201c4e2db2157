import { type Clock, FivefoldError } from '../core/index.ts'
import type { MetricValues } from '../metrics/index.ts'
import type { ContentStore } from './content-store.ts'
import { inWriteTransaction } from './database.ts'
import type { Database, Tables, WriteTransaction } from './tables.ts'
import type { AuditEntry, ModelVersion, RegisteredModel, TrackingStore } from './tracking-store.ts'

type RegistryMethods = Pick<
  TrackingStore,
  'registerModel' | 'resolveModel' | 'listModels' | 'setAlias' | 'deleteAlias' | 'auditTrail'
>

/** Model versions, the aliases that point to them, and the record of every change. */
export function createModelRegistry(database: Database, content: ContentStore, clock: Clock): RegistryMethods {
  const audit = (transaction: WriteTransaction, entry: Omit<AuditEntry, 'timestampMs'>): Promise<unknown> =>
    transaction
      .insertInto('audit')
      .values({ ...entry, details: JSON.stringify(entry.details), timestamp_ms: clock.nowMs() })
      .execute()

  return {
    async registerModel(
      name,
      bundlePath,
      { runId = null, metrics = {} }: { runId?: string | null; metrics?: MetricValues } = {},
    ) {
      checkName(name, 'model')
      const contentHash = await content.addFolder(bundlePath)
      return inWriteTransaction(database, async (transaction) => {
        const createdMs = clock.nowMs()
        if (runId !== null) await requireRun(transaction, runId)
        const version = await nextVersion(transaction, name, createdMs)
        await transaction
          .insertInto('model_versions')
          .values({
            model: name,
            version,
            content_hash: contentHash,
            run_id: runId,
            metrics: JSON.stringify(metrics),
            created_ms: createdMs,
          })
          .execute()
        await audit(transaction, { action: 'registerModel', model: name, details: { version, runId } })
        return { name, version, bundlePath: content.pathOfFolder(contentHash), runId, metrics, createdMs, aliases: [] }
      })
    },

    async resolveModel(reference) {
      const { name, version, alias } = parseReference(reference)
      const model = (await readModels(database, content, name))[0]
      if (!model) throw new FivefoldError('MODEL_NOT_FOUND', `the registry has no model '${name}'`)
      const found =
        alias === 'latest'
          ? model.versions[0]
          : model.versions.find((one) => (alias ? one.aliases.includes(alias) : one.version === version))
      if (found) return found
      throw new FivefoldError('MODEL_NOT_FOUND', `model '${name}' has ${describeVersions(model, alias, version)}`)
    },

    listModels: () => readModels(database, content),

    async setAlias(name, alias, version) {
      checkAlias(alias)
      return inWriteTransaction(database, async (transaction) => {
        await requireVersion(transaction, name, version)
        const before = await aliasedVersion(transaction, name, alias)
        await transaction
          .insertInto('model_aliases')
          .values({ model: name, alias, version })
          .onConflict((conflict) => conflict.columns(['model', 'alias']).doUpdateSet({ version }))
          .execute()
        const details = { alias, version, before: before ?? null }
        await audit(transaction, { action: 'setAlias', model: name, details })
      })
    },

    deleteAlias: (name, alias) =>
      inWriteTransaction(database, async (transaction) => {
        const before = await aliasedVersion(transaction, name, alias)
        if (before === undefined) throw new FivefoldError('MODEL_NOT_FOUND', `model '${name}' has no alias '${alias}'`)
        await transaction.deleteFrom('model_aliases').where('model', '=', name).where('alias', '=', alias).execute()
        await audit(transaction, { action: 'deleteAlias', model: name, details: { alias, before } })
      }),

    async auditTrail(model) {
      let query = database.selectFrom('audit').selectAll().orderBy('sequence')
      if (model !== undefined) query = query.where('model', '=', model)
      return (await query.execute()).map(toAuditEntry)
    },
  }
}

async function nextVersion(transaction: WriteTransaction, name: string, createdMs: number): Promise<number> {
  await transaction
    .insertInto('models')
    .values({ name, created_ms: createdMs })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
  const { newest } = await transaction
    .selectFrom('model_versions')
    .select((e) => e.fn.max('version').as('newest'))
    .where('model', '=', name)
    .executeTakeFirstOrThrow()
  return Number(newest ?? 0) + 1
}

async function requireRun(transaction: WriteTransaction, runId: string): Promise<void> {
  const run = await transaction.selectFrom('runs').select('id').where('id', '=', runId).executeTakeFirst()
  if (!run) throw new FivefoldError('RUN_NOT_FOUND', `there is no run '${runId}'`)
}

async function requireVersion(transaction: WriteTransaction, name: string, version: number): Promise<void> {
  const found = await transaction
    .selectFrom('model_versions')
    .select('version')
    .where('model', '=', name)
    .where('version', '=', version)
    .executeTakeFirst()
  if (!found) throw new FivefoldError('MODEL_NOT_FOUND', `the registry has no model '${name}' with version ${version}`)
}

async function aliasedVersion(transaction: WriteTransaction, name: string, alias: string): Promise<number | undefined> {
  const row = await transaction
    .selectFrom('model_aliases')
    .select('version')
    .where('model', '=', name)
    .where('alias', '=', alias)
    .executeTakeFirst()
  return row?.version
}

async function readModels(database: Database, content: ContentStore, name?: string): Promise<RegisteredModel[]> {
  let versions = database.selectFrom('model_versions').selectAll().orderBy('model').orderBy('version', 'desc')
  if (name !== undefined) versions = versions.where('model', '=', name)
  let aliases = database.selectFrom('model_aliases').selectAll().orderBy('alias')
  if (name !== undefined) aliases = aliases.where('model', '=', name)
  const [rows, pointers] = await Promise.all([versions.execute(), aliases.execute()])
  const models = new Map<string, ModelVersion[]>()
  for (const row of rows) {
    const own = pointers.filter(({ model, version }) => model === row.model && version === row.version)
    const version = toModelVersion(
      row,
      content,
      own.map(({ alias }) => alias),
    )
    models.set(row.model, [...(models.get(row.model) ?? []), version])
  }
  return [...models].map(([model, list]) => ({ name: model, versions: list }))
}

function toModelVersion(row: Tables['model_versions'], content: ContentStore, aliases: string[]): ModelVersion {
  return {
    name: row.model,
    version: row.version,
    bundlePath: content.pathOfFolder(row.content_hash),
    runId: row.run_id,
    metrics: JSON.parse(row.metrics) as MetricValues,
    createdMs: row.created_ms,
    aliases,
  }
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
  if (alias === 'latest' || /^v\d+$/.test(alias))
    throw new FivefoldError('OPTION_INVALID', `the alias '${alias}' is reserved`)
}
