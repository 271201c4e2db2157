import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRunSink, openTrackingStore } from 'fivefold/track'

// One SQLite file; runs and registry beside it. Other processes may write to it at the same time.
const folder = await mkdtemp(join(tmpdir(), 'fivefold-'))
await using store = await openTrackingStore(join(folder, 'fivefold.db'))
const runId = await store.createRun({ experiment: 'weather' })

// A sink logs in the background; hand it to `createContext({ run: sink })` and every phase writes to it.
const sink = createRunSink(store, runId)
sink.param('learningRate', 0.1)
for (const [step, loss] of [0.69, 0.52, 0.47].entries()) sink.metric('loss', loss, step)
sink.tag('data', 'seattle-weather.csv')
await sink.flush()
await store.finishRun(runId, 'finished')

const run = await store.getRun(runId)
const history = await store.metricHistory(runId, 'loss')
console.log(`${run.experiment}: ${run.status}, learning rate ${run.params.learningRate}`)
console.log('loss', history.map(({ value }) => value).join(' -> '))
