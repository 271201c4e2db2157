import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { type Clock, FivefoldError } from '../core/index.ts'
import type { ContentStore } from './content-store.ts'
import { inWriteTransaction } from './database.ts'
import type { Database, WriteTransaction } from './tables.ts'
import type { MetricPoint, Run, RunBatch, RunStatus, TrackingStore } from './tracking-store.ts'

type RunMethods = Pick<
  TrackingStore,
  | 'listExperiments'
  | 'createRun'
  | 'finishRun'
  | 'logBatch'
  | 'logArtifact'
  | 'getRun'
  | 'listRuns'
  | 'metricHistory'
  | 'listArtifacts'
>

/** Experiments, runs and what they log. */
export function createRunRecords(database: Database, content: ContentStore, clock: Clock): RunMethods {
  return {
    async listExperiments() {
      const rows = await database.selectFrom('experiments').selectAll().orderBy('name').execute()
      return rows.map(({ name, created_ms }) => ({ name, createdMs: created_ms }))
    },
    createRun: ({ experiment, startedMs = clock.nowMs() }) =>
      inWriteTransaction(database, async (transaction) => {
        const experimentId = await experimentNamed(transaction, experiment, clock.nowMs())
        const id = newId()
        const values = { id, experiment_id: experimentId, status: 'running', started_ms: startedMs, ended_ms: null }
        await transaction.insertInto('runs').values(values).execute()
        return id
      }),
    finishRun: (runId, status, endedMs = clock.nowMs()) =>
      inWriteTransaction(database, (transaction) => endRun(transaction, runId, status, endedMs)),
    logBatch: (runId, batch) => inWriteTransaction(database, (transaction) => addToRun(transaction, runId, batch)),
    async logArtifact(runId, name, path) {
      checkArtifactName(name)
      await requireRun(database, runId)
      const files = await content.addFiles(path)
      await inWriteTransaction(database, async (transaction) => {
        for (const file of files) {
          const values = {
            name: file.name ? `${name}/${file.name}` : name,
            sha256: file.sha256,
            size_bytes: file.sizeBytes,
          }
          await transaction
            .insertInto('artifacts')
            .values({ run_id: runId, ...values })
            .onConflict((conflict) => conflict.columns(['run_id', 'name']).doUpdateSet(values))
            .execute()
        }
      })
    },
    async getRun(runId) {
      await requireRun(database, runId)
      return (await readRuns(database, { id: runId }))[0]!
    },
    listRuns: (filter = {}) => readRuns(database, filter),
    async metricHistory(runId, key) {
      await requireRun(database, runId)
      const rows = await database
        .selectFrom('metrics')
        .selectAll()
        .where('run_id', '=', runId)
        .where('key', '=', key)
        .orderBy('step')
        .orderBy('timestamp_ms')
        .execute()
      return rows.map(toMetricPoint)
    },
    async listArtifacts(runId) {
      await requireRun(database, runId)
      const rows = await database
        .selectFrom('artifacts')
        .selectAll()
        .where('run_id', '=', runId)
        .orderBy('name')
        .execute()
      return rows.map(({ name, sha256, size_bytes }) => ({
        name,
        sha256,
        sizeBytes: size_bytes,
        path: content.pathOfFile(sha256),
      }))
    },
  }
}

const newId = (): string => randomUUID().replaceAll('-', '')

async function experimentNamed(transaction: WriteTransaction, name: string, nowMs: number): Promise<string> {
  const known = await transaction.selectFrom('experiments').select('id').where('name', '=', name).executeTakeFirst()
  if (known) return known.id
  const id = newId()
  await transaction.insertInto('experiments').values({ id, name, created_ms: nowMs }).execute()
  return id
}

async function requireRun(database: WriteTransaction, runId: string): Promise<{ status: string }> {
  const run = await database.selectFrom('runs').select('status').where('id', '=', runId).executeTakeFirst()
  if (run) return run
  throw new FivefoldError('RUN_NOT_FOUND', `there is no run '${runId}'`)
}

async function endRun(transaction: WriteTransaction, runId: string, status: RunStatus, endedMs: number): Promise<void> {
  const run = await requireRun(transaction, runId)
  if (run.status === status) return
  if (run.status !== 'running')
    throw new FivefoldError('STORE_CONFLICT', `run '${runId}' has ended already, as ${run.status}`)
  await transaction.updateTable('runs').set({ status, ended_ms: endedMs }).where('id', '=', runId).execute()
}

async function addToRun(transaction: WriteTransaction, runId: string, batch: RunBatch): Promise<void> {
  await requireRun(transaction, runId)
  for (const [key, value] of Object.entries(batch.params ?? {})) await addParam(transaction, runId, key, value)
  for (const [key, value] of Object.entries(batch.tags ?? {})) {
    await transaction
      .insertInto('tags')
      .values({ run_id: runId, key, value })
      .onConflict((conflict) => conflict.columns(['run_id', 'key']).doUpdateSet({ value }))
      .execute()
  }
  for (const point of batch.metrics ?? []) await addMetric(transaction, runId, point)
}

async function addParam(transaction: WriteTransaction, runId: string, key: string, value: string): Promise<void> {
  const old = await transaction
    .selectFrom('params')
    .select('value')
    .where('run_id', '=', runId)
    .where('key', '=', key)
    .executeTakeFirst()
  if (!old) await transaction.insertInto('params').values({ run_id: runId, key, value }).execute()
  else if (old.value !== value)
    throw new FivefoldError('STORE_CONFLICT', `parameter '${key}' of run '${runId}' is '${old.value}' already`)
}

/** The history only grows; the latest point is kept apart, so that lists of runs need not search it. */
async function addMetric(transaction: WriteTransaction, runId: string, point: MetricPoint): Promise<void> {
  const value = Number.isNaN(point.value) ? null : point.value
  const row = { run_id: runId, key: point.key, step: point.step, timestamp_ms: point.timestampMs, value }
  await transaction.insertInto('metrics').values(row).execute()
  await transaction
    .insertInto('latest_metrics')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(['run_id', 'key'])
        .doUpdateSet({ step: row.step, timestamp_ms: row.timestamp_ms, value })
        .where(
          sql<boolean>`(excluded.step, excluded.timestamp_ms) > (latest_metrics.step, latest_metrics.timestamp_ms)
            or ((excluded.step, excluded.timestamp_ms) = (latest_metrics.step, latest_metrics.timestamp_ms)
              and (latest_metrics.value is null or excluded.value > latest_metrics.value))`,
        ),
    )
    .execute()
}

const DEFAULT_LIMIT = 1000

async function readRuns(
  database: Database,
  filter: { readonly id?: string; readonly experiment?: string; readonly limit?: number },
): Promise<Run[]> {
  let query = database
    .selectFrom('runs')
    .innerJoin('experiments', 'experiments.id', 'runs.experiment_id')
    .select(['runs.id', 'experiments.name as experiment', 'status', 'started_ms', 'ended_ms'])
    .orderBy('started_ms', 'desc')
    .orderBy('runs.id')
    .limit(filter.limit ?? DEFAULT_LIMIT)
  if (filter.id !== undefined) query = query.where('runs.id', '=', filter.id)
  if (filter.experiment !== undefined) query = query.where('experiments.name', '=', filter.experiment)
  const rows = await query.execute()
  const ids = rows.map(({ id }) => id)
  const [params, tags, metrics] = await Promise.all([
    readByRun(ids, (some) => database.selectFrom('params').selectAll().where('run_id', 'in', some).execute()),
    readByRun(ids, (some) => database.selectFrom('tags').selectAll().where('run_id', 'in', some).execute()),
    readByRun(ids, (some) => database.selectFrom('latest_metrics').selectAll().where('run_id', 'in', some).execute()),
  ])
  return rows.map(({ id, experiment, status, started_ms, ended_ms }) => ({
    id,
    experiment,
    status: status as RunStatus,
    startedMs: started_ms,
    endedMs: ended_ms,
    params: toRecord(params.get(id), ({ value }) => value),
    tags: toRecord(tags.get(id), ({ value }) => value),
    metrics: toRecord(metrics.get(id), toMetricPoint),
  }))
}

/** Statements take a limited number of parameters, so ids go in pieces. */
const IDS_AT_ONCE = 500

async function readByRun<T extends { run_id: string }>(
  ids: readonly string[],
  read: (ids: readonly string[]) => Promise<T[]>,
): Promise<Map<string, T[]>> {
  const byRun = new Map<string, T[]>(ids.map((id) => [id, []]))
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    for (const row of await read(ids.slice(from, from + IDS_AT_ONCE))) byRun.get(row.run_id)?.push(row)
  }
  return byRun
}

function toRecord<T extends { key: string }, V>(rows: readonly T[] = [], value: (row: T) => V): Record<string, V> {
  const sorted = [...rows].sort((a, b) => (a.key < b.key ? -1 : 1))
  return Object.fromEntries(sorted.map((row) => [row.key, value(row)]))
}

const toMetricPoint = (row: {
  key: string
  value: number | null
  step: number
  timestamp_ms: number
}): MetricPoint => ({
  key: row.key,
  value: row.value ?? Number.NaN,
  step: row.step,
  timestampMs: row.timestamp_ms,
})

function checkArtifactName(name: string): void {
  const parts = name.split('/')
  if (name.length <= 500 && parts.every((part) => part !== '' && part !== '.' && part !== '..')) return
  throw new FivefoldError('OPTION_INVALID', `'${name}' is not a name for an artifact`)
}
