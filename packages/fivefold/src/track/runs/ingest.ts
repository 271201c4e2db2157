import { sql } from 'kysely'
import { FivefoldError } from '../../core/index.ts'
import type { BulkInsert } from '../database/bulk-insert.ts'
import type { Database } from '../database/database.ts'
import type { RunRow, Tables, Writer } from '../database/tables.ts'
import { together } from '../database/together.ts'
import { createGroupCommit, type Outcome } from './group-commit.ts'
import { readKnownSeries, writeMetrics } from './ingest-metrics.ts'
import type { RunStore } from './run.ts'
import type { RunAddition } from './run-addition.ts'

/** Adds to runs, many calls in one transaction: a commit costs more than the rows in it. */
export function createIngest(database: Database): Pick<RunStore, 'logBatch'> {
  const group = createGroupCommit<RunAddition, void>((additions) =>
    database.write((writer) => commitAdditions(database, writer, additions)),
  )
  return { logBatch: (runId, batch) => group.add({ runId, batch }) }
}

async function commitAdditions(
  database: Database,
  writer: Writer,
  additions: readonly RunAddition[],
): Promise<Outcome<void>[]> {
  const [runs, params, series] = await together([
    readTargets(database, writer, additions),
    readKnownParams(database, writer, additions),
    readKnownSeries(database, writer, additions),
  ])
  const outcomes = additions.map((addition) => objection(addition, runs, params))
  const accepted = additions.filter((_, index) => outcomes[index] === undefined)
  await together([
    writeParams(database, writer, accepted),
    writeTags(database, writer, accepted),
    writeMetrics(database, writer, accepted, series),
  ])
  return outcomes
}

type Targets = ReadonlyMap<string, Pick<RunRow, 'lifecycle'>>
/** By run and key. */
type KnownParams = Map<string, string>

const paramId = (runId: string, key: string): string => `${runId}/${key}`

async function readTargets({ dialect }: Database, writer: Writer, additions: readonly RunAddition[]): Promise<Targets> {
  const ids = [...new Set(additions.map(({ runId }) => runId))]
  const { rows } = await sql<Pick<RunRow, 'id' | 'lifecycle'>>`select id, lifecycle from runs
    where ${dialect.among(sql.ref('id'), ids)}`.execute(writer)
  return new Map(rows.map((row) => [row.id, row]))
}

async function readKnownParams(
  { dialect }: Database,
  writer: Writer,
  additions: readonly RunAddition[],
): Promise<KnownParams> {
  const withParams = additions.filter(({ batch }) => Object.keys(batch.params ?? {}).length > 0)
  if (withParams.length === 0) return new Map()
  const keys = [...new Set(withParams.flatMap(({ batch }) => Object.keys(batch.params ?? {})))]
  const ids = [...new Set(withParams.map(({ runId }) => runId))]
  const { rows } = await sql<Tables['params']>`select run_id, key, value from params
    where ${dialect.among(sql.ref('run_id'), ids)} and ${dialect.among(sql.ref('key'), keys)}`.execute(writer)
  return new Map(rows.map(({ run_id, key, value }) => [paramId(run_id, key), value]))
}

/** Why an addition cannot be made; an accepted one's parameters become known to those after it. */
function objection({ runId, batch }: RunAddition, runs: Targets, params: KnownParams): FivefoldError | undefined {
  const run = runs.get(runId)
  if (!run) return new FivefoldError('RUN_NOT_FOUND', `there is no run '${runId}'`)
  if (run.lifecycle !== 'active') return new FivefoldError('OPTION_INVALID', `run '${runId}' is deleted`)
  const entries = Object.entries(batch.params ?? {})
  for (const [key, value] of entries) {
    const old = params.get(paramId(runId, key))
    if (old !== undefined && old !== value)
      return new FivefoldError('STORE_CONFLICT', `parameter '${key}' of run '${runId}' is '${old}' already`)
  }
  for (const [key, value] of entries) params.set(paramId(runId, key), value)
  return undefined
}

const KEY_VALUE = { run_id: 'text', key: 'text', value: 'text' } as const
const PARAMS: BulkInsert = { table: 'params', columns: KEY_VALUE, conflict: 'do nothing' }

async function writeParams({ dialect }: Database, writer: Writer, additions: readonly RunAddition[]): Promise<void> {
  const rows = additions.flatMap(({ runId, batch }) =>
    Object.entries(batch.params ?? {}).map(([key, value]) => [runId, key, value]),
  )
  await dialect.insertRows(writer, PARAMS, rows)
}

export const RUN_NAME_TAG = 'mlflow.runName'

export const RUN_TAGS: BulkInsert = {
  table: 'tags',
  columns: KEY_VALUE,
  conflict: '(run_id, key) do update set value = excluded.value',
}

async function writeTags({ dialect }: Database, writer: Writer, additions: readonly RunAddition[]): Promise<void> {
  // A statement may set a row once only.
  const last = new Map<string, [runId: string, key: string, value: string]>()
  for (const { runId, batch } of additions)
    for (const [key, value] of Object.entries(batch.tags ?? {})) last.set(`${runId}/${key}`, [runId, key, value])
  const rows = [...last.values()]
  await dialect.insertRows(writer, RUN_TAGS, rows)
  for (const [runId, key, value] of rows)
    if (key === RUN_NAME_TAG) await writer.updateTable('runs').set({ name: value }).where('id', '=', runId).execute()
}
