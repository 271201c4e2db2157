import { sql } from 'kysely'
import { type Clock, FivefoldError } from '../../core/index.ts'
import type { ContentStore } from '../artifacts/content-store.ts'
import type { Database } from '../database/database.ts'
import type { ModelRow, Writer } from '../database/tables.ts'
import { pageLimit } from '../search/page.ts'
import { searchIds } from '../search/search-ids.ts'
import { writeAudit } from './audit.ts'
import { readModels } from './read-models.ts'
import type { ModelRegistry } from './registry.ts'
import { modelField } from './registry-fields.ts'

type ModelMethods = Pick<
  ModelRegistry,
  | 'createModel'
  | 'getModel'
  | 'renameModel'
  | 'describeModel'
  | 'deleteModel'
  | 'setModelTag'
  | 'deleteModelTag'
  | 'searchModels'
  | 'listModels'
>

/** The names of the registry. */
export function createRegisteredModels(database: Database, content: ContentStore, clock: Clock): ModelMethods {
  const getModel: ModelMethods['getModel'] = async (name) => {
    const [model] = await readModels(database, content, [name])
    if (model) return model
    throw modelNotFound(name)
  }
  return {
    getModel,
    async createModel({ name, description, tags = {} }) {
      await database.write(async (writer) => {
        await refuseTaken(writer, name)
        await insertModel(writer, name, clock.nowMs(), description ?? null)
        for (const [key, value] of Object.entries(tags)) await putTag(writer, name, key, value)
        await writeAudit(writer, clock, { action: 'createModel', model: name, details: {} })
      })
      return getModel(name)
    },
    renameModel: (name, newName) =>
      database.write(async (writer) => {
        const model = await requireModel(writer, name)
        await refuseTaken(writer, newName)
        await writer
          .insertInto('models')
          .values({ ...model, name: newName, updated_ms: clock.nowMs() })
          .execute()
        await moveChildren(writer, name, newName)
        await writer.deleteFrom('models').where('name', '=', name).execute()
        await writeAudit(writer, clock, { action: 'renameModel', model: newName, details: { before: name } })
      }),
    describeModel: (name, description) =>
      database.write(async (writer) => {
        await requireModel(writer, name)
        const values = { description, updated_ms: clock.nowMs() }
        await writer.updateTable('models').set(values).where('name', '=', name).execute()
      }),
    deleteModel: (name) =>
      database.write(async (writer) => {
        await requireModel(writer, name)
        for (const table of ['model_aliases', 'model_version_tags', 'model_versions', 'model_tags'] as const)
          await writer.deleteFrom(table).where('model', '=', name).execute()
        await writer.deleteFrom('models').where('name', '=', name).execute()
        await writeAudit(writer, clock, { action: 'deleteModel', model: name, details: {} })
      }),
    setModelTag: (name, key, value) =>
      database.write(async (writer) => {
        await requireModel(writer, name)
        await putTag(writer, name, key, value)
      }),
    deleteModelTag: (name, key) =>
      database.write(async (writer) => {
        await requireModel(writer, name)
        await writer.deleteFrom('model_tags').where('model', '=', name).where('key', '=', key).execute()
      }),
    async searchModels(query) {
      const searched = { table: 'models', id: ['name'], resolve: modelField, conditions: [], ties: byName }
      const limit = pageLimit(query.limit, 100, 1000)
      const { items, ...page } = await searchIds<{ name: string }>(database, searched, { ...query, limit })
      const names = items.map(({ name }) => name)
      return { items: await readModels(database, content, names), ...page }
    },
    async listModels() {
      const rows = await database.read.selectFrom('models').select('name').orderBy('name').execute()
      return readModels(
        database,
        content,
        rows.map(({ name }) => name),
      )
    },
  }
}

const byName = (): ReturnType<typeof sql>[] => [sql`models.name`]

export const modelNotFound = (name: string): FivefoldError =>
  new FivefoldError('MODEL_NOT_FOUND', `Registered Model with name=${name} not found`)

export async function requireModel(writer: Writer, name: string): Promise<ModelRow> {
  const row = await writer.selectFrom('models').selectAll().where('name', '=', name).executeTakeFirst()
  if (row) return row
  throw modelNotFound(name)
}

async function refuseTaken(writer: Writer, name: string): Promise<void> {
  const known = await writer.selectFrom('models').select('name').where('name', '=', name).executeTakeFirst()
  if (known) throw new FivefoldError('STORE_CONFLICT', `Registered Model (name=${name}) already exists.`)
}

/** Does nothing where the name is there already. */
export async function insertModel(
  writer: Writer,
  name: string,
  nowMs: number,
  description: string | null = null,
): Promise<void> {
  await writer
    .insertInto('models')
    .values({ name, created_ms: nowMs, updated_ms: nowMs, description, last_version: 0 })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute()
}

async function putTag(writer: Writer, model: string, key: string, value: string): Promise<void> {
  await writer
    .insertInto('model_tags')
    .values({ model, key, value })
    .onConflict((conflict) => conflict.columns(['model', 'key']).doUpdateSet({ value }))
    .execute()
}

/** Rows that point to a version are set aside while it changes its name: keys are checked row by row. */
async function moveChildren(writer: Writer, name: string, newName: string): Promise<void> {
  const aliases = await writer.selectFrom('model_aliases').selectAll().where('model', '=', name).execute()
  const tags = await writer.selectFrom('model_version_tags').selectAll().where('model', '=', name).execute()
  await writer.deleteFrom('model_aliases').where('model', '=', name).execute()
  await writer.deleteFrom('model_version_tags').where('model', '=', name).execute()
  for (const table of ['model_versions', 'model_tags'] as const)
    await writer.updateTable(table).set({ model: newName }).where('model', '=', name).execute()
  for (const row of aliases)
    await writer
      .insertInto('model_aliases')
      .values({ ...row, model: newName })
      .execute()
  for (const row of tags)
    await writer
      .insertInto('model_version_tags')
      .values({ ...row, model: newName })
      .execute()
}
