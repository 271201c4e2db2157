import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bundle, createPredictor, inputSchema } from '../../bundle/index.ts'
import { type Context, writeFileAtomic } from '../../core/index.ts'
import {
  alignClasses,
  columnOf,
  type Frame,
  openTable,
  rowsWithTarget,
  type Schema,
  type SourceOptions,
  selectColumns,
  type Target,
  targetFromColumn,
} from '../../data/index.ts'
import { type DriftReport, detectDrift, readReference, renderDriftHtml } from '../../operate/index.ts'
import { targetSchema } from '../../workflow/index.ts'
import { type CommonFlags, withCommandContext } from '../command-context.ts'
import { isModelName, openModel } from '../open-model.ts'
import { printJson, printLine } from '../output.ts'
import { type SourceFlags, sourceFromFlags } from '../source-flags.ts'

interface MonitorFlags extends CommonFlags, SourceFlags {
  readonly reference: string
  readonly current: string
  readonly falseAlarmRate: number
  readonly failOnDrift?: boolean
  readonly out: string
  readonly store: string
}

const DRIFT_FOUND = 3

/** Exit code 0 with or without drift, since the answer is the report; with --fail-on-drift 3 where there is drift. */
export async function monitorCommand(flags: MonitorFlags): Promise<void> {
  const report = await withCommandContext(flags, (context) => compare(flags, context))
  const path = join(flags.out, 'reports', 'drift.html')
  await mkdir(join(flags.out, 'reports'), { recursive: true })
  await writeFileAtomic(path, renderDriftHtml(report))
  await writeFileAtomic(join(flags.out, 'reports', 'drift.json'), JSON.stringify(report, null, 2))
  if (flags.json) printJson(report)
  else printReport(report, path)
  if (flags.failOnDrift && report.drift) process.exitCode = DRIFT_FOUND
}

async function compare(flags: MonitorFlags, context: Context): Promise<DriftReport> {
  const { falseAlarmRate } = flags
  if (await isModel(flags.reference)) {
    const { bundle } = await openModel(flags.reference, flags.store)
    return compareWithBundle(bundle, flags, context)
  }
  await using reference = await openTable(sourceFromFlags(flags.reference, flags), context)
  const current = await readAll(flags.current, flags, reference.schema, context)
  return detectDrift({ reference: await reference.read(), current, schema: reference.schema, falseAlarmRate, context })
}

/** A bundle brings its reference rows along, and its model: the predictions are compared as well. */
async function compareWithBundle(bundle: Bundle, flags: MonitorFlags, context: Context): Promise<DriftReport> {
  const schema = inputSchema(bundle.manifest)
  const { frame: current, target } = await readCurrent(bundle, flags, context)
  await using predictor = await createPredictor(bundle)
  const { predictions } = await predictor.predict(current)
  const reference = await readReference(bundle)
  return detectDrift({
    reference: reference.frame,
    current,
    schema,
    predictions: { reference: reference.predictions, current: predictions },
    labels: { reference: reference.target, ...(target && { current: target }) },
    falseAlarmRate: flags.falseAlarmRate,
    ...(bundle.manifest.threshold !== null && { threshold: bundle.manifest.threshold }),
    context,
  })
}

/** The rows to judge; with their answers, where the file has the target column without gaps. */
async function readCurrent(
  bundle: Bundle,
  flags: MonitorFlags,
  context: Context,
): Promise<{ frame: Frame; target?: Target }> {
  const { problem, inputs } = bundle.manifest
  const schema = inputSchema({ inputs })
  const names = schema.columns.map((column) => column.name)
  const source = sourceFromFlags(flags.current, flags)
  const isLabelled = await hasColumn(source, problem.target, context)
  await using table = await openTable(
    { ...source, schema: isLabelled ? { columns: [...schema.columns, targetSchema(problem)] } : schema },
    context,
  )
  const all = await table.read()
  const frame = selectColumns(all, names)
  if (!isLabelled || rowsWithTarget(columnOf(all, problem.target)).length < all.rowCount) return { frame }
  const found = targetFromColumn(columnOf(all, problem.target), targetSchema(problem), problem.task)
  return { frame, target: alignClasses(found, problem.classes).target }
}

async function hasColumn(source: SourceOptions, name: string, context: Context): Promise<boolean> {
  await using table = await openTable(source, context)
  return table.schema.columns.some((column) => column.name === name)
}

async function readAll(location: string, flags: MonitorFlags, schema: Schema, context: Context): Promise<Frame> {
  await using table = await openTable({ ...sourceFromFlags(location, flags), schema }, context)
  return await table.read()
}

/** A folder is a bundle; a name that no file has is looked up in the registry. */
async function isModel(reference: string): Promise<boolean> {
  const found = await stat(reference).catch(() => undefined)
  return found ? found.isDirectory() : isModelName(reference)
}

function printReport(report: DriftReport, path: string): void {
  const drifted = [...report.columns, ...report.predictions]
    .filter((column) => column.alarm)
    .map((column) => column.column)
  printLine(
    `${report.rows.reference} reference rows, ${report.rows.current} current rows, false-alarm rate ${report.falseAlarmRate}`,
  )
  printLine(report.drift ? `drift in: ${drifted.join(', ') || 'all columns together'}` : 'no drift')
  printLine(`report: ${path}`)
}
