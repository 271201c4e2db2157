import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bundle, createPredictor, inputSchema } from '../../bundle/index.ts'
import { type Context, writeFileAtomic } from '../../core/index.ts'
import { type Frame, openTable, type Schema } from '../../data/index.ts'
import { type DriftReport, detectDrift, readReference, renderDriftHtml } from '../../operate/index.ts'
import { type CommonFlags, withCommandContext } from '../command-context.ts'
import { isModelName, openModel } from '../open-model.ts'
import { printJson, printLine } from '../output.ts'
import { type SourceFlags, sourceFromFlags } from '../source-flags.ts'

interface MonitorFlags extends CommonFlags, SourceFlags {
  readonly reference: string
  readonly current: string
  readonly falseAlarmRate: number
  readonly out: string
  readonly store: string
}

/** Exit code 0 with or without drift: the answer is the report. */
export async function monitorCommand(flags: MonitorFlags): Promise<void> {
  const report = await withCommandContext(flags, (context) => compare(flags, context))
  const path = join(flags.out, 'reports', 'drift.html')
  await mkdir(join(flags.out, 'reports'), { recursive: true })
  await writeFileAtomic(path, renderDriftHtml(report))
  await writeFileAtomic(join(flags.out, 'reports', 'drift.json'), JSON.stringify(report, null, 2))
  if (flags.json) printJson(report)
  else printReport(report, path)
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
  const current = await readAll(flags.current, flags, schema, context)
  await using predictor = await createPredictor(bundle)
  const { predictions } = await predictor.predict(current)
  const reference = await readReference(bundle)
  return detectDrift({
    reference: reference.frame,
    current,
    schema,
    predictions: { reference: reference.predictions, current: predictions },
    labels: { reference: reference.target },
    falseAlarmRate: flags.falseAlarmRate,
    ...(bundle.manifest.threshold !== null && { threshold: bundle.manifest.threshold }),
    context,
  })
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
