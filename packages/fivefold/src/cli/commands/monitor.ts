import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bundle, createPredictor, inputSchema } from '../../bundle/index.ts'
import { type Context, writeFileAtomic } from '../../core/index.ts'
import { openTable } from '../../data/index.ts'
import { type DriftReport, detectDrift, readReference, renderDriftHtml } from '../../operate/index.ts'
import { type CommonFlags, withCommandContext } from '../command-context.ts'
import { type CurrentFlags, readCurrent, readLabelled } from '../current-rows.ts'
import { isModelName, openModel } from '../open-model.ts'
import { printJson, printLine } from '../output.ts'
import { sourceFromFlags } from '../source-flags.ts'

interface MonitorFlags extends CommonFlags, CurrentFlags {
  readonly reference: string
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
  const current = await readCurrent(reference.schema, flags, context)
  return detectDrift({ reference: await reference.read(), current, schema: reference.schema, falseAlarmRate, context })
}

/** A bundle brings its reference rows along, and its model: the predictions are compared as well. */
async function compareWithBundle(bundle: Bundle, flags: MonitorFlags, context: Context): Promise<DriftReport> {
  const schema = inputSchema(bundle.manifest)
  const { frame: current, target } = await readLabelled(bundle, flags, context)
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
