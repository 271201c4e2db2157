import { sql } from 'kysely'
import { type Clock, FivefoldError } from '../../core/index.ts'
import type { Database } from '../database/database.ts'
import type { ExperimentRow, LifecycleName, Writer } from '../database/tables.ts'
import type { FieldResolver } from '../search/fields.ts'
import { type Page, pageLimit, type SearchQuery } from '../search/page.ts'
import { searchIds } from '../search/search-ids.ts'
import { unknownField } from '../search/unknown-field.ts'

export type Lifecycle = LifecycleName

export interface Experiment {
  readonly id: string
  readonly name: string
  readonly createdMs: number
  readonly updatedMs: number
  readonly lifecycle: Lifecycle
  /** Root URI of the artifacts of its runs. */
  readonly artifactLocation: string
  readonly tags: Readonly<Record<string, string>>
}

export interface NewExperiment {
  readonly name: string
  /** A URI that clients write to themselves; by default artifacts go through the store. */
  readonly artifactLocation?: string
  readonly tags?: Readonly<Record<string, string>>
}

export interface ExperimentStore {
  /** Active ones by name. */
  listExperiments(): Promise<Experiment[]>
  /** Returns the id. Throws STORE_CONFLICT where the name is taken, by a deleted one too. */
  createExperiment(experiment: NewExperiment): Promise<string>
  /** Throws RUN_NOT_FOUND. */
  getExperiment(id: string): Promise<Experiment>
  findExperiment(name: string): Promise<Experiment | undefined>
  /** Throws RUN_NOT_FOUND, STORE_CONFLICT, OPTION_INVALID for a deleted one. */
  renameExperiment(id: string, name: string): Promise<void>
  /** Also moves its runs. Throws RUN_NOT_FOUND. */
  setExperimentLifecycle(id: string, lifecycle: Lifecycle): Promise<void>
  setExperimentTag(id: string, key: string, value: string): Promise<void>
  deleteExperimentTag(id: string, key: string): Promise<void>
  /** How many active runs each experiment has, by its id; one without runs is not named. */
  countRuns(): Promise<ReadonlyMap<string, number>>
  searchExperiments(query: SearchQuery & { readonly lifecycle?: Lifecycle | 'all' }): Promise<Page<Experiment>>
}

export function createExperiments(database: Database, clock: Clock): ExperimentStore {
  const { read } = database
  const readOne = async (column: 'id' | 'name', value: string): Promise<Experiment | undefined> =>
    (await readExperiments(database, column, [value]))[0]
  const requireActive = async (writer: Writer, id: string): Promise<void> => {
    const row = await requireExperiment(writer, id)
    if (row.lifecycle !== 'active') throw new FivefoldError('OPTION_INVALID', `experiment '${id}' is deleted`)
  }
  return {
    async listExperiments() {
      const rows = await read.selectFrom('experiments').select('name').where('lifecycle', '=', 'active').execute()
      const found = await readExperiments(
        database,
        'name',
        rows.map(({ name }) => name),
      )
      return found.sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    createExperiment: (experiment) =>
      database.write(async (writer) => {
        await refuseTakenName(writer, experiment.name)
        return insertExperiment(writer, experiment, clock.nowMs())
      }),
    async getExperiment(id) {
      const found = await readOne('id', id)
      if (found) return found
      throw new FivefoldError('RUN_NOT_FOUND', `there is no experiment '${id}'`)
    },
    findExperiment: (name) => readOne('name', name),
    renameExperiment: (id, name) =>
      database.write(async (writer) => {
        await requireActive(writer, id)
        await refuseTakenName(writer, name, id)
        const values = { name, updated_ms: clock.nowMs() }
        await writer.updateTable('experiments').set(values).where('id', '=', id).execute()
      }),
    setExperimentLifecycle: (id, lifecycle) =>
      database.write(async (writer) => {
        await requireExperiment(writer, id)
        const nowMs = clock.nowMs()
        await writer.updateTable('experiments').set({ lifecycle, updated_ms: nowMs }).where('id', '=', id).execute()
        const deleted_ms = lifecycle === 'deleted' ? nowMs : null
        await writer.updateTable('runs').set({ lifecycle, deleted_ms }).where('experiment_id', '=', id).execute()
      }),
    setExperimentTag: (id, key, value) =>
      database.write(async (writer) => {
        await requireActive(writer, id)
        await putTag(writer, id, key, value)
      }),
    deleteExperimentTag: (id, key) =>
      database.write(async (writer) => {
        await requireActive(writer, id)
        const gone = await writer
          .deleteFrom('experiment_tags')
          .where('experiment_id', '=', id)
          .where('key', '=', key)
          .executeTakeFirst()
        if (gone.numDeletedRows === 0n)
          throw new FivefoldError('RUN_NOT_FOUND', `experiment '${id}' has no tag '${key}'`)
      }),
    async countRuns() {
      const rows = await read
        .selectFrom('runs')
        .select((e) => ['experiment_id', e.fn.countAll().as('count')])
        .where('lifecycle', '=', 'active')
        .groupBy('experiment_id')
        .execute()
      return new Map(rows.map(({ experiment_id, count }) => [experiment_id, Number(count)]))
    },
    async searchExperiments({ lifecycle = 'active', ...query }) {
      const conditions = lifecycle === 'all' ? [] : [sql<boolean>`lifecycle = ${lifecycle}`]
      const searched = { table: 'experiments', id: ['id'], resolve: experimentField, conditions, ties: experimentTies }
      const limit = pageLimit(query.limit, 1000, 50_000)
      const { items, ...page } = await searchIds<{ id: string }>(database, searched, { ...query, limit })
      const ids = items.map(({ id }) => id)
      const found = new Map((await readExperiments(database, 'id', ids)).map((one) => [one.id, one]))
      return { items: ids.map((id) => found.get(id)!), ...page }
    },
  }
}

/** The experiment of this name, made where it does not exist. Throws OPTION_INVALID for a deleted one. */
export async function experimentNamed(writer: Writer, name: string, nowMs: number): Promise<ExperimentRow> {
  const known = await writer.selectFrom('experiments').selectAll().where('name', '=', name).executeTakeFirst()
  if (known?.lifecycle === 'deleted') throw new FivefoldError('OPTION_INVALID', `experiment '${name}' is deleted`)
  if (known) return known
  return requireExperiment(writer, await insertExperiment(writer, { name }, nowMs))
}

export async function requireExperiment(reader: Writer, id: string): Promise<ExperimentRow> {
  const row = await reader.selectFrom('experiments').selectAll().where('id', '=', id).executeTakeFirst()
  if (row) return row
  throw new FivefoldError('RUN_NOT_FOUND', `there is no experiment '${id}'`)
}

async function insertExperiment(writer: Writer, experiment: NewExperiment, nowMs: number): Promise<string> {
  const { name, artifactLocation, tags = {} } = experiment
  // Counted apart, so that the id of a deleted experiment is never given again.
  const { value } = await writer
    .updateTable('counters')
    .set((e) => ({ value: e('value', '+', 1) }))
    .where('name', '=', 'experiments')
    .returning('value')
    .executeTakeFirstOrThrow()
  const id = String(value)
  const row = { id, name, created_ms: nowMs, updated_ms: nowMs, lifecycle: 'active' as const }
  await writer
    .insertInto('experiments')
    .values({ ...row, artifact_location: artifactLocation ?? null })
    .execute()
  for (const [key, tag] of Object.entries(tags)) await putTag(writer, id, key, tag)
  return id
}

async function putTag(writer: Writer, id: string, key: string, value: string): Promise<void> {
  await writer
    .insertInto('experiment_tags')
    .values({ experiment_id: id, key, value })
    .onConflict((conflict) => conflict.columns(['experiment_id', 'key']).doUpdateSet({ value }))
    .execute()
}

async function refuseTakenName(writer: Writer, name: string, except?: string): Promise<void> {
  const known = await writer.selectFrom('experiments').selectAll().where('name', '=', name).executeTakeFirst()
  if (!known || known.id === except) return
  const state = known.lifecycle === 'deleted' ? ' in deleted state' : ''
  throw new FivefoldError('STORE_CONFLICT', `Experiment '${name}' already exists${state}.`)
}

async function readExperiments(
  database: Database,
  column: 'id' | 'name',
  values: readonly string[],
): Promise<Experiment[]> {
  const { read, dialect } = database
  const tags = dialect.jsonObject(
    sql`select key, value from experiment_tags where experiment_id = experiments.id order by key`,
  )
  const rows = await read
    .selectFrom('experiments')
    .selectAll()
    .select(tags.as('tags'))
    .where(dialect.among(sql.ref(column), values))
    .execute()
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
    lifecycle: row.lifecycle,
    artifactLocation: artifactRoot(row),
    tags: row.tags === null ? {} : (JSON.parse(row.tags) as Record<string, string>),
  }))
}

export const artifactRoot = ({ id, artifact_location }: Pick<ExperimentRow, 'id' | 'artifact_location'>): string =>
  artifact_location ?? `mlflow-artifacts:/${id}`

const experimentTies = (): ReturnType<typeof sql>[] => [
  sql`experiments.created_ms desc`,
  sql`length(experiments.id) desc`,
  sql`experiments.id desc`,
]

const COLUMNS = {
  name: ['text', 'name'],
  experiment_id: ['text', 'id'],
  creation_time: ['number', 'created_ms'],
  last_update_time: ['number', 'updated_ms'],
} as const

const experimentField: FieldResolver = (entity = 'attribute', key) => {
  if (entity === 'tag' || entity === 'tags') {
    const source = { table: 'experiment_tags', owner: 'experiment_id' }
    return { kind: 'keyed', type: 'text', source, key, id: sql.ref('experiments.id') }
  }
  if (!['attribute', 'attributes', 'attr'].includes(entity) || !Object.hasOwn(COLUMNS, key))
    throw unknownField(entity, key, ['attribute', 'tag'], Object.keys(COLUMNS))
  const [type, column] = COLUMNS[key as keyof typeof COLUMNS]
  return { kind: 'column', type, column: sql.ref(`experiments.${column}`) }
}
