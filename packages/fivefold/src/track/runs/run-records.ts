import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { type Clock, FivefoldError } from '../../core/index.ts'
import type { Database } from '../database/database.ts'
import type { RunRow, Writer } from '../database/tables.ts'
import { artifactRoot, experimentNamed, requireExperiment } from '../experiments/experiments.ts'
import { pageLimit } from '../search/page.ts'
import { searchIds } from '../search/search-ids.ts'
import { RUN_NAME_TAG } from './ingest.ts'
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
    createRun: (run) => database.write((writer) => insertRun(writer, run, clock.nowMs())),
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

async function insertRun(writer: Writer, run: NewRun, nowMs: number): Promise<string> {
  const experiment =
    run.experimentId === undefined
      ? await experimentNamed(writer, run.experiment ?? 'Default', nowMs)
      : await requireExperiment(writer, run.experimentId)
  if (experiment.lifecycle !== 'active')
    throw new FivefoldError('OPTION_INVALID', `experiment '${experiment.id}' is deleted`)
  const id = newId()
  const name = run.name || run.tags?.[RUN_NAME_TAG] || `run-${id.slice(0, 8)}`
  const row: RunRow = {
    id,
    experiment_id: experiment.id,
    name,
    user_name: run.user ?? '',
    status: 'running',
    started_ms: run.startedMs ?? nowMs,
    ended_ms: null,
    lifecycle: 'active',
    deleted_ms: null,
    artifact_uri: `${artifactRoot(experiment).replace(/\/$/, '')}/${id}/artifacts`,
  }
  await writer.insertInto('runs').values(row).execute()
  for (const [key, value] of Object.entries({ ...run.tags, [RUN_NAME_TAG]: name }))
    await writer.insertInto('tags').values({ run_id: id, key, value }).execute()
  return id
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
