import { join } from 'node:path'
import { type Context, writeFileAtomic } from '../core/index.ts'
import {
  alignClasses,
  columnOf,
  type Frame,
  type RowIndex,
  type Schema,
  snapshotTable,
  type Table,
  type Target,
  takeRows,
  takeTargetRows,
  targetFromColumn,
} from '../data/index.ts'
import { inferValidationSchema, planSplit, type Split, type SplitProtocol } from '../prepare/index.ts'
import type { Problem } from '../problem/index.ts'
import type { ResolvedConfig } from './config.ts'
import type { ProjectData } from './open-data.ts'
import type { ProfileInput } from './profile-stage.ts'
import { describeSplit } from './split-description.ts'

/** Rows with their answers, in memory. */
export interface LabelledRows {
  readonly frame: Frame
  readonly target: Target
  /** Row numbers in the table that the rows came from. */
  readonly rows: RowIndex
}

export interface Prepared {
  readonly train: LabelledRows
  readonly test: LabelledRows
  readonly schema: Schema
  readonly protocol: SplitProtocol & { readonly description: string }
  /** Content address of the data snapshot. */
  readonly dataVersion: string
  readonly warnings: readonly string[]
}

/** Phase 2: a versioned snapshot, a validation schema to edit, and training and test rows that share nothing. */
export function runPrepareStage(input: ProfileInput & { readonly problem: Problem }): Promise<Prepared> {
  const { config, paths, data, stages, problem } = input
  return stages.run('prepare', async (stage) => {
    const { table } = data
    const snapshot = await snapshotTable(table, join(paths.store, 'data'), stages.context)
    const checks = await stage.remember('validation', [data.hash, table.schema], () => inferValidationSchema(table))
    await writeFileAtomic(join(paths.out, 'validation.json'), `${JSON.stringify(checks, null, 2)}\n`)
    const split = await splitRows(config, data, problem, stages.context)
    const description = describeSplit(config.split, split.protocol)
    return {
      ...split,
      protocol: { ...split.protocol, description },
      schema: table.schema,
      dataVersion: snapshot.hash,
    }
  })
}

type SplitRows = Pick<Prepared, 'train' | 'test' | 'warnings'> & { readonly protocol: SplitProtocol }

async function splitRows(
  config: ResolvedConfig,
  data: ProjectData,
  problem: Problem,
  context: Context,
): Promise<SplitRows> {
  const whole = await readWhole(data.table, data, problem)
  if (config.split.kind !== 'file') {
    const split = await planSplit(data.table, config.split, whole.target, context)
    const warnings = missingTargets('', split.protocol.excludedRows)
    return {
      train: takeLabelled(whole, split.train),
      test: takeLabelled(whole, split.test),
      protocol: split.protocol,
      warnings,
    }
  }
  const test = await readWhole(data.test!, data, problem)
  const aligned = alignClasses(test.target, problem.classes)
  const split = await planSplit(
    data.table,
    { kind: 'file', test: data.test!, testTarget: aligned.target },
    whole.target,
    context,
  )
  return splitByFile(whole, { ...test, target: aligned.target }, split, aligned.warnings)
}

function splitByFile(
  whole: LabelledRows,
  test: LabelledRows,
  split: Split,
  labelWarnings: readonly string[],
): SplitRows {
  const warnings = [
    ...labelWarnings,
    ...missingTargets('training ', whole.rows.length - split.train.length),
    ...missingTargets('test ', test.rows.length - split.test.length),
  ]
  return {
    train: takeLabelled(whole, split.train),
    test: takeLabelled(test, split.test),
    protocol: split.protocol,
    warnings,
  }
}

const missingTargets = (which: string, rows: number): string[] =>
  rows > 0 ? [`${rows} ${which}rows have no target and are left out`] : []

async function readWhole(table: Table, data: ProjectData, problem: Problem): Promise<LabelledRows> {
  const frame = await table.read()
  const column = data.table.schema.columns.find((candidate) => candidate.name === data.targetName)!
  const found = targetFromColumn(columnOf(frame, data.targetName), column, problem.task)
  const { target } = table === data.table ? alignClasses(found, problem.classes) : { target: found }
  return { frame, target, rows: Uint32Array.from({ length: frame.rowCount }, (_, row) => row) }
}

function takeLabelled(whole: LabelledRows, rows: RowIndex): LabelledRows {
  return { frame: takeRows(whole.frame, rows), target: takeTargetRows(whole.target, rows), rows }
}
