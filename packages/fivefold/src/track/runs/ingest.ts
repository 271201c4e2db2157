import { sql } from 'kysely'
import { FivefoldError } from '../../core/index.ts'
import type { Database } from '../database/database.ts'
import { inChunks } from '../database/in-chunks.ts'
import type { RunRow, Writer } from '../database/tables.ts'
import { createGroupCommit, type Outcome } from './group-commit.ts'
import { writeMetrics } from './ingest-metrics.ts'
import type { RunStore } from './run.ts'
import type { RunAddition } from './run-addition.ts'

/** Adds to runs, many calls in one transaction: a commit costs more than the rows in it. */
export function createIngest(database: Database): Pick<RunStore, 'logBatch'> {
  const group = createGroupCommit<RunAddition>((additions) =>
    database.write((writer) => commitAdditions(database, writer, additions)),
  )
  return { logBatch: (runId, batch) => group.add({ runId, batch }) }
}

async function commitAdditions(
  database: Database,
  writer: Writer,
  additions: readonly RunAddition[],
): Promise<Outcome[]> {
  const runs = await readTargets(database, writer, additions)
  const params = await readKnownParams(database, writer, additions)
  const outcomes = additions.map((addition) => objection(addition, runs, params))
  const accepted = additions.filter((_, index) => outcomes[index] === undefined)
  await writeParams(writer, accepted)
  await writeTags(writer, accepted)
  await writeMetrics(database, writer, accepted)
  return outcomes
}

type Targets = ReadonlyMap<string, Pick<RunRow, 'lifecycle'>>
/** By run and key. */
type KnownParams = Map<string, string>

const paramId = (runId: string, key: string): string => `${runId}/${key}`

async function readTargets({ dialect }: Database, writer: Writer, additions: readonly RunAddition[]): Promise<Targets> {
  const ids = [...new Set(additions.map(({ runId }) => runId))]
  const rows = await writer
    .selectFrom('runs')
    .select(['id', 'lifecycle'])
    .where(dialect.among(sql.ref('id'), ids))
    .execute()
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
  const rows = await writer
    .selectFrom('params')
    .selectAll()
    .where(dialect.among(sql.ref('run_id'), [...new Set(withParams.map(({ runId }) => runId))]))
    .where(dialect.among(sql.ref('key'), keys))
    .execute()
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

async function writeParams(writer: Writer, additions: readonly RunAddition[]): Promise<void> {
  const rows = additions.flatMap(({ runId, batch }) =>
    Object.entries(batch.params ?? {}).map(([key, value]) => ({ run_id: runId, key, value })),
  )
  await inChunks(rows, async (chunk) => {
    await writer
      .insertInto('params')
      .values(chunk)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  })
}

export const RUN_NAME_TAG = 'mlflow.runName'

async function writeTags(writer: Writer, additions: readonly RunAddition[]): Promise<void> {
  const last = new Map<string, { run_id: string; key: string; value: string }>()
  for (const { runId, batch } of additions)
    for (const [key, value] of Object.entries(batch.tags ?? {}))
      last.set(`${runId}/${key}`, { run_id: runId, key, value })
  const rows = [...last.values()]
  await inChunks(rows, async (chunk) => {
    await writer
      .insertInto('tags')
      .values(chunk)
      .onConflict((conflict) =>
        conflict.columns(['run_id', 'key']).doUpdateSet((e) => ({ value: e.ref('excluded.value') })),
      )
      .execute()
  })
  for (const { run_id, value } of rows.filter(({ key }) => key === RUN_NAME_TAG))
    await writer.updateTable('runs').set({ name: value }).where('id', '=', run_id).execute()
}
