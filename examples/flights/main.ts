/**
 * The whole life of a model on three million flights: analysed, prepared, trained, evaluated, served, watched.
 * Will a flight be more than 15 minutes late? Known beforehand: date, distance, origin and destination.
 */
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext, createProgressDisplay, openBundle, runProject, runSummary } from 'fivefold'
import config from './fivefold.config.ts'
import { replayTestPeriod } from './replay.ts'
import { askTheServer } from './requests.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))
const display = createProgressDisplay(process.stderr)
const interruption = new AbortController()
process.once('SIGINT', () => interruption.abort())
const context = createContext({
  seed: 7,
  threads: availableParallelism(),
  progress: display.sink,
  signal: interruption.signal,
})

const { record, out, criteriaMet } = await runProject(config, context, { projectFolder: folder })
display.finish()
if (record) console.log(`${runSummary(record, out)}\n`)

const bundle = await openBundle(join(out, 'model'))
await askTheServer(bundle, context)
const drift = await replayTestPeriod(bundle, config, join(out, 'reports', 'drift.html'), folder, context)
display.finish()
console.log(drift)

console.log(`
what to try next
  open ${relative('.', join(out, 'reports', 'evaluation.html'))} in a browser
  npx fivefold serve --model ${relative('.', bundle.path)}     then open http://127.0.0.1:8080/docs
  npx fivefold run --data your.csv --target your_column      the same on a table of yours`)
process.exitCode = criteriaMet ? 0 : 3
