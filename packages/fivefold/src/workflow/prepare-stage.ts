import { join } from 'node:path'
import { type Context, writeFileAtomic } from '../core/index.ts'
import {
  alignClasses,
  columnOf,
  type Schema,
  snapshotTable,
  type Table,
  type Target,
  targetFromColumn,
} from '../data/index.ts'
import { inferValidationSchema, planSplit, type SplitProtocol } from '../prepare/index.ts'
import type { Problem } from '../problem/index.ts'
import { formatCount } from '../report/index.ts'
import type { ResolvedConfig } from './config.ts'
import { createRowPool, type LabelledRows, type RowPool } from './labelled-rows.ts'
import { type RowLimits, rowLimits } from './memory-plan.ts'
import type { ProjectData } from './open-data.ts'
import type { ProfileInput } from './profile-stage.ts'
import { describeSplit } from './split-description.ts'

export interface Prepared {
  /** The training rows that candidates are compared on: all of them, or a sample of `pool` where those are many. */
  readonly train: LabelledRows
  /** All training rows. */
  readonly pool: RowPool
  readonly test: LabelledRows
  readonly schema: Schema
  readonly protocol: SplitProtocol & { readonly description: string }
  readonly limits: RowLimits
  /** Content address of the data snapshot. */
  readonly dataVersion: string
  readonly warnings: readonly string[]
}

/** Phase 2: a versioned snapshot, a validation schema to edit, and training and test rows that share nothing. */
export function runPrepareStage(input: ProfileInput & { readonly problem: Problem }): Promise<Prepared> {
  const { config, paths, data, stages, problem } = input
  return stages.run('prepare', async (stage) => {
    const { table } = data
    const progress = (note: string, done: number): void =>
      stages.context.progress({ stage: 'prepare', done, total: 3, note })
    progress('snapshot', 0)
    const snapshot = await snapshotTable(table, join(paths.store, 'data'), stages.context)
    progress('validation schema', 1)
    const checks = await stage.remember('validation', [data.hash, table.schema], () => inferValidationSchema(table))
    await writeFileAtomic(join(paths.out, 'validation.json'), `${JSON.stringify(checks, null, 2)}\n`)
    progress('rows', 2)
    const split = await splitRows(config, data, problem, stages.context)
    const limits = rowLimits(table.schema, problem, config.memoryMb)
    const rng = stages.context.rng.fork('sample')
    const test = await split.test.sample(limits.tested, rng.fork('test'))
    const train = await split.train.sample(limits.compared, rng.fork('compare'))
    return {
      train,
      pool: split.train,
      test,
      protocol: { ...split.protocol, description: describeProtocol(config, split, test) },
      limits,
      warnings: split.warnings,
      schema: table.schema,
      dataVersion: snapshot.hash,
    }
  })
}

function describeProtocol(config: ResolvedConfig, split: SplitRows, test: LabelledRows): string {
  const how = describeSplit(config.split, split.protocol)
  const all = split.test.rows.length
  return test.rows.length === all ? how : `${how}, a sample of ${formatCount(test.rows.length)} of ${formatCount(all)}`
}

interface SplitRows {
  readonly train: RowPool
  readonly test: RowPool
  readonly protocol: SplitProtocol
  readonly warnings: readonly string[]
}

async function splitRows(
  config: ResolvedConfig,
  data: ProjectData,
  problem: Problem,
  context: Context,
): Promise<SplitRows> {
  const { table } = data
  const division = config.split
  const target = alignClasses(await readTarget(table, data, problem), problem.classes).target
  if (division.kind !== 'file') {
    const split = await planSplit(table, division, target, context)
    return {
      train: createRowPool(table, split.train, target),
      test: createRowPool(table, split.test, target),
      protocol: split.protocol,
      warnings: missingTargets('', split.protocol.excludedRows),
    }
  }
  const test = data.test!
  const aligned = alignClasses(await readTarget(test, data, problem), problem.classes)
  const split = await planSplit(table, { kind: 'file', test, testTarget: aligned.target }, target, context)
  return {
    train: createRowPool(table, split.train, target),
    test: createRowPool(test, split.test, aligned.target),
    protocol: split.protocol,
    warnings: [
      ...aligned.warnings,
      ...missingTargets('training ', table.rowCount - split.train.length),
      ...missingTargets('test ', test.rowCount - split.test.length),
    ],
  }
}

const missingTargets = (which: string, rows: number): string[] =>
  rows > 0 ? [`${rows} ${which}rows have no target and are left out`] : []

async function readTarget(
  table: Table,
  { table: training, targetName }: ProjectData,
  problem: Problem,
): Promise<Target> {
  const frame = await table.read([targetName])
  const column = training.schema.columns.find((candidate) => candidate.name === targetName)!
  return targetFromColumn(columnOf(frame, targetName), column, problem.task)
}
