import { join } from 'node:path'
import { writeFileAtomic } from '../core/index.ts'
import {
  alignClasses,
  columnOf,
  type Frame,
  type RowIndex,
  rowsWithTarget,
  type Schema,
  snapshotTable,
  type Target,
  takeRows,
  takeTargetRows,
  targetFromColumn,
} from '../data/index.ts'
import { inferValidationSchema, planSplit, type SplitProtocol } from '../prepare/index.ts'
import type { Problem } from '../problem/index.ts'
import type { ResolvedConfig } from './config.ts'
import type { ProjectData } from './open-data.ts'
import type { ProfileInput } from './profile-stage.ts'

/** Rows with their answers, in memory. */
export interface LabelledRows {
  readonly frame: Frame
  readonly target: Target
  /** Row numbers in the table that the rows came from. */
  readonly rows: RowIndex
}

export interface Prepared {
  readonly problem: Problem
  readonly train: LabelledRows
  readonly test: LabelledRows
  readonly schema: Schema
  readonly protocol: SplitProtocol
  /** Content address of the data snapshot. */
  readonly dataVersion: string
  readonly warnings: readonly string[]
}

/** Phase 2: a versioned snapshot, a validation schema to edit, and training and test rows that share nothing. */
export function runPrepareStage({
  config,
  paths,
  data,
  stages,
  problem,
}: ProfileInput & { problem: Problem }): Promise<Prepared> {
  return stages.run('prepare', async (stage) => {
    const warnings: string[] = []
    const snapshot = await stage.remember('snapshot', [data.hash, paths.store], () =>
      snapshotTable(data.table, join(paths.store, 'data'), stages.context),
    )
    const checks = await stage.remember('validation', [data.hash, data.table.schema], () =>
      inferValidationSchema(data.table),
    )
    await writeFileAtomic(join(paths.out, 'validation.json'), `${JSON.stringify(checks, null, 2)}\n`)
    const whole = await readLabelled(data, problem, warnings)
    const prepared = data.test
      ? await splitByFile(data, problem, whole, warnings)
      : await splitWithin(config, data, whole, stages.context)
    return { ...prepared, problem, schema: data.table.schema, dataVersion: snapshot.version, warnings }
  })
}

async function readLabelled(data: ProjectData, problem: Problem, warnings: string[]): Promise<LabelledRows> {
  const all = await data.table.read()
  const column = columnOf(all, data.targetName)
  const rows = rowsWithTarget(column)
  const missing = all.rowCount - rows.length
  if (missing > 0) warnings.push(`${missing} rows have no target and are left out`)
  const frame = missing > 0 ? takeRows(all, rows) : all
  const target = targetFromColumn(columnOf(frame, data.targetName), schemaColumn(data), problem.task)
  return { frame, target, rows }
}

async function splitWithin(
  config: ResolvedConfig,
  data: ProjectData,
  whole: LabelledRows,
  context: Parameters<typeof planSplit>[3],
) {
  const split = config.split as Exclude<ResolvedConfig['split'], { kind: 'file' }>
  const { train, test, protocol } = planSplit(whole.frame, split, whole.target, context)
  return { train: takeLabelled(whole, train), test: takeLabelled(whole, test), protocol }
}

async function splitByFile(data: ProjectData, problem: Problem, train: LabelledRows, warnings: string[]) {
  const all = await data.test!.read()
  const column = columnOf(all, data.targetName)
  const rows = rowsWithTarget(column)
  if (rows.length < all.rowCount)
    warnings.push(`${all.rowCount - rows.length} test rows have no target and are left out`)
  const frame = rows.length < all.rowCount ? takeRows(all, rows) : all
  const found = targetFromColumn(columnOf(frame, data.targetName), schemaColumn(data), problem.task)
  const aligned = alignClasses(found, problem.classes)
  warnings.push(...aligned.warnings)
  const protocol: SplitProtocol = {
    kind: 'file',
    trainRows: train.frame.rowCount,
    testRows: rows.length,
    description: 'given test file',
  }
  return { train, test: { frame, target: aligned.target, rows }, protocol }
}

function takeLabelled(whole: LabelledRows, rows: RowIndex): LabelledRows {
  return {
    frame: takeRows(whole.frame, rows),
    target: takeTargetRows(whole.target, rows),
    rows: Uint32Array.from(rows, (row) => whole.rows[row]!),
  }
}

function schemaColumn(data: ProjectData) {
  return data.table.schema.columns.find((column) => column.name === data.targetName)!
}
