import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContext, openBundle, runProject } from 'fivefold'
import { inputSchema } from 'fivefold/bundle'
import { selectColumns } from 'fivefold/data'
import { detectDrift, readPredictionLog, readReference, serveBundle } from 'fivefold/operate'

const projectFolder = await mkdtemp(join(tmpdir(), 'fivefold-'))
const context = createContext({ seed: 7 })
const data = join(process.cwd(), 'node_modules/vega-datasets/data/seattle-weather.csv')
const { out } = await runProject({ data, target: 'weather', drop: ['date'], budgetMs: 1 }, context, { projectFolder })
const bundle = await openBundle(join(out, 'model'))

// An answer is sent once its rows are on disk: they survive a crash.
const logDir = join(projectFolder, 'log')
const server = await serveBundle({ bundle: bundle.path, logDir, context })
const rows = Array.from({ length: 300 }, (_, i) => ({
  ...{ precipitation: i % 3 ? 0 : 6, temp_max: 24 + (i % 11), temp_min: 12 + (i % 5), wind: 2 + (i % 7) / 2 },
}))
const headers = { 'content-type': 'application/json' }
await fetch(`${server.url}/predict`, { method: 'POST', headers, body: JSON.stringify({ rows }) })
await server.close()

// What was asked in a hot summer, against the reference sample that the bundle brings along.
const schema = inputSchema(bundle.manifest)
const names = schema.columns.map((column) => column.name)
const current = selectColumns(await readPredictionLog(logDir), names)
const { frame: reference } = await readReference(bundle)
const report = await detectDrift({ reference, current, schema, falseAlarmRate: 0.05, context })
for (const { column, tests } of report.columns)
  for (const { aspect, alarm, effectBeyondSampling, minimumDetectableEffect } of tests)
    console.log({ column, aspect, alarm, effectBeyondSampling, minimumDetectableEffect })
