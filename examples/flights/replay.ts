import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Bundle,
  type Context,
  createDriftMonitor,
  createPredictor,
  type DriftReport,
  inputSchema,
  openTable,
  type ProjectConfig,
  readReference,
  renderDriftHtml,
} from 'fivefold'

/** Windows of about three days each. */
const WINDOW_ROWS = 50_000

/** The test period as the monitor would have seen it, window by window. Answers what it found, in words. */
export async function replayTestPeriod(
  bundle: Bundle,
  config: ProjectConfig,
  reportPath: string,
  folder: string,
  context: Context,
): Promise<string> {
  const schema = inputSchema(bundle.manifest)
  const reference = await readReference(bundle)
  const monitor = createDriftMonitor({
    reference: reference.frame,
    referencePredictions: reference.predictions,
    referenceLabels: reference.target,
    schema,
    windowRows: WINDOW_ROWS,
    ...(bundle.manifest.threshold !== null && { threshold: bundle.manifest.threshold }),
    context,
  })
  await using predictor = await createPredictor(bundle, { threads: context.threads })
  await using table = await openTable(
    { location: join(folder, locationOf(config)), schema, where: await testPeriod(config, folder) },
    context,
  )
  const reports: DriftReport[] = []
  for await (const frame of table.scan(undefined, WINDOW_ROWS)) {
    const { predictions } = await predictor.predict(frame)
    reports.push(...(await monitor.push({ frame, predictions })))
    context.progress({ stage: 'replay', done: reports.length * WINDOW_ROWS, total: table.rowCount })
  }
  const worst = reports.reduce((a, b) => (alarms(b).length > alarms(a).length ? b : a))
  await writeFile(reportPath, renderDriftHtml(worst))
  const drifted = reports.filter((report) => report.drift)
  return `replayed ${table.rowCount} test flights in ${reports.length} windows: drift in ${drifted.length} (most in: ${alarms(worst).join(', ') || 'none'}); see ${reportPath}`
}

const alarms = (report: DriftReport): string[] => [
  ...[...report.columns, ...report.predictions].filter((column) => column.alarm).map((column) => column.column),
  ...(report.jointly?.alarm ? ['all columns together'] : []),
]

const locationOf = (config: ProjectConfig): string =>
  typeof config.data === 'string' ? config.data : config.data.location

/** The rows after the last training row: the same cut that the time split made. */
async function testPeriod(config: ProjectConfig, folder: string): Promise<string> {
  const split = config.split
  if (split?.kind !== 'time') throw new Error('this replay needs a time split')
  await using table = await openTable(join(folder, locationOf(config)))
  const [row] = await table.query(
    `select quantile_cont(epoch_ms("${split.column}"), ${1 - (split.testFraction ?? 0.2)}) as cut from data`,
  )
  return `epoch_ms("${split.column}") >= ${Math.round(Number(row?.cut))}`
}
