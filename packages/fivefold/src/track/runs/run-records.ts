import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { type Clock, FivefoldError } from '../../core/index.ts'
import type { BulkInsert, Row } from '../database/bulk-insert.ts'
import type { Database } from '../database/database.ts'
import type { ExperimentRow, RunRow, Writer } from '../database/tables.ts'
import { together } from '../database/together.ts'
import { artifactRoot, experimentNamed, requireExperiment } from '../experiments/experiments.ts'
import { pageLimit } from '../search/page.ts'
import { searchIds } from '../search/search-ids.ts'
import { createGroupCommit, type Outcome } from './group-commit.ts'
import { RUN_NAME_TAG, RUN_TAGS } from './ingest.ts'
import { readRuns } from './read-runs.ts'
import type { NewRun, Run, RunChange, RunStatus, RunStore } from './run.ts'
import { runField } from './run-fields.ts'

type RecordMethods = Pick<
  RunStore,
  'createRun' | 'finishRun' | 'updateRun' | 'setRunLifecycle' | 'deleteTag' | 'getRun' | 'listRuns' | 'searchRuns'
>

/** Runs themselves: made, changed, found. */
export function createRunRecords(database: Database, clock: Clock): RecordMethods {
  return {
    createRun: createGroupCommit<NewRun, string>((runs) =>
      database.write((writer) => insertRuns(database, writer, runs, clock.nowMs())),
    ).add,
    finishRun: (runId, status, endedMs = clock.nowMs()) =>
      database.write(async (writer) => {
        const run = await requireRun(writer, runId)
        if (run.status === status) return
        if (run.status !== 'running' && run.status !== 'scheduled')
          throw new FivefoldError('STORE_CONFLICT', `run '${runId}' has ended already, as ${run.status}`)
        await writer.updateTable('runs').set({ status, ended_ms: endedMs }).where('id', '=', runId).execute()
      }),
    updateRun: (runId, change) => database.write((writer) => changeRun(writer, runId, change)),
    setRunLifecycle: (runId, lifecycle) =>
      database.write(async (writer) => {
        await requireRun(writer, runId)
        const deleted_ms = lifecycle === 'deleted' ? clock.nowMs() : null
        await writer.updateTable('runs').set({ lifecycle, deleted_ms }).where('id', '=', runId).execute()
      }),
    deleteTag: (runId, key) =>
      database.write(async (writer) => {
        await requireActiveRun(writer, runId)
        const gone = await writer
          .deleteFrom('tags')
          .where('run_id', '=', runId)
          .where('key', '=', key)
          .executeTakeFirst()
        if (gone.numDeletedRows === 0n)
          throw new FivefoldError('RUN_NOT_FOUND', `No tag with name: ${key} in run with id ${runId}`)
      }),
    async getRun(runId) {
      const [run] = await readRuns(database, [runId])
      if (run) return run
      throw new FivefoldError('RUN_NOT_FOUND', `there is no run '${runId}'`)
    },
    listRuns: (filter = {}) => listRuns(database, filter),
    async searchRuns({ experimentIds, lifecycle = 'active', ...query }) {
      const conditions = [database.dialect.among(sql.ref('runs.experiment_id'), experimentIds)]
      if (lifecycle !== 'all') conditions.push(sql`runs.lifecycle = ${lifecycle}`)
      const searched = { table: 'runs', id: ['id'], resolve: runField, conditions, ties: newestFirst }
      const limit = pageLimit(query.limit, 1000, 50_000)
      const { items, ...page } = await searchIds<{ id: string }>(database, searched, { ...query, limit })
      const runs = await readRuns(
        database,
        items.map(({ id }) => id),
      )
      return { items: runs, ...page }
    },
  }
}

const newestFirst = (): ReturnType<typeof sql>[] => [sql`runs.started_ms desc`, sql`runs.id`]

async function listRuns(
  database: Database,
  filter: { readonly experiment?: string; readonly limit?: number },
): Promise<Run[]> {
  let query = database.read
    .selectFrom('runs')
    .innerJoin('experiments', 'experiments.id', 'runs.experiment_id')
    .select('runs.id')
    .where('runs.lifecycle', '=', 'active')
    .orderBy('started_ms', 'desc')
    .orderBy('runs.id')
    .limit(filter.limit ?? 1000)
  if (filter.experiment !== undefined) query = query.where('experiments.name', '=', filter.experiment)
  const rows = await query.execute()
  return readRuns(
    database,
    rows.map(({ id }) => id),
  )
}

export const newId = (): string => randomUUID().replaceAll('-', '')

const RUNS: BulkInsert = {
  table: 'runs',
  columns: {
    id: 'text',
    experiment_id: 'text',
    name: 'text',
    user_name: 'text',
    status: 'text',
    started_ms: 'bigint',
    artifact_uri: 'text',
  },
  conflict: 'do nothing',
}

async function insertRuns(
  { dialect }: Database,
  writer: Writer,
  runs: readonly NewRun[],
  nowMs: number,
): Promise<Outcome<string>[]> {
  const experiments = new Map<string, ExperimentRow | FivefoldError>()
  const [rows, tags]: [Row[], Row[]] = [[], []]
  const outcomes: Outcome<string>[] = []
  for (const run of runs) {
    const experiment = await experimentOf(writer, run, nowMs, experiments)
    if (experiment instanceof FivefoldError) {
      outcomes.push(experiment)
      continue
    }
    const id = newId()
    const name = run.name || run.tags?.[RUN_NAME_TAG] || `run-${id.slice(0, 8)}`
    const artifactUri = `${artifactRoot(experiment).replace(/\/$/, '')}/${id}/artifacts`
    rows.push([id, experiment.id, name, run.user ?? '', 'running', run.startedMs ?? nowMs, artifactUri])
    for (const [key, value] of Object.entries({ ...run.tags, [RUN_NAME_TAG]: name })) tags.push([id, key, value])
    outcomes.push(id)
  }
  await together([dialect.insertRows(writer, RUNS, rows), dialect.insertRows(writer, RUN_TAGS, tags)])
  return outcomes
}

/** The experiment that a run goes to, looked up once for all runs of a transaction; else why the run cannot go there. */
async function experimentOf(
  writer: Writer,
  { experimentId, experiment: name = 'Default' }: NewRun,
  nowMs: number,
  known: Map<string, ExperimentRow | FivefoldError>,
): Promise<ExperimentRow | FivefoldError> {
  const key = experimentId === undefined ? `name ${name}` : `id ${experimentId}`
  const found = known.get(key) ?? (await findTarget(writer, experimentId, name, nowMs))
  known.set(key, found)
  return found
}

async function findTarget(
  writer: Writer,
  id: string | undefined,
  name: string,
  nowMs: number,
): Promise<ExperimentRow | FivefoldError> {
  try {
    const found = await (id === undefined ? experimentNamed(writer, name, nowMs) : requireExperiment(writer, id))
    if (found.lifecycle === 'active') return found
    return new FivefoldError('OPTION_INVALID', `experiment '${found.id}' is deleted`)
  } catch (error) {
    if (error instanceof FivefoldError) return error
    throw error
  }
}

async function changeRun(writer: Writer, runId: string, { status, endedMs, name }: RunChange): Promise<void> {
  await requireActiveRun(writer, runId)
  const values = {
    ...(status !== undefined && { status }),
    ...(endedMs !== undefined && { ended_ms: endedMs }),
    ...(name && { name }),
  }
  if (Object.keys(values).length === 0) return
  await writer.updateTable('runs').set(values).where('id', '=', runId).execute()
  if (!name) return
  await writer
    .insertInto('tags')
    .values({ run_id: runId, key: RUN_NAME_TAG, value: name })
    .onConflict((conflict) => conflict.columns(['run_id', 'key']).doUpdateSet({ value: name }))
    .execute()
}

export async function requireRun(reader: Writer, runId: string): Promise<RunRow & { status: RunStatus }> {
  const run = await reader.selectFrom('runs').selectAll().where('id', '=', runId).executeTakeFirst()
  if (run) return { ...run, status: run.status as RunStatus }
  throw new FivefoldError('RUN_NOT_FOUND', `there is no run '${runId}'`)
}

export async function requireActiveRun(reader: Writer, runId: string): Promise<RunRow> {
  const run = await requireRun(reader, runId)
  if (run.lifecycle === 'active') return run
  throw new FivefoldError('OPTION_INVALID', `run '${runId}' is deleted`)
}
