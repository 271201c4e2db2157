import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContext } from 'fivefold'
import { exportRun, serveTracking } from 'fivefold/server'
import { openTrackingStore } from 'fivefold/track'

const folder = await mkdtemp(join(tmpdir(), 'fivefold-'))
const context = createContext()
await using store = await openTrackingStore(join(folder, 'fivefold.db'))
const runId = await store.createRun({ experiment: 'weather' })
await store.logBatch(runId, { metrics: [{ key: 'rocAuc', value: 0.91, step: 0, timestampMs: Date.now() }] })

// What `fivefold up` does: MLflow's REST API, and the console for browsers.
const server = await serveTracking({ store, context })
const answer = await fetch(`${server.url}/api/2.0/mlflow/runs/get?run_id=${runId}`)
const { run } = (await answer.json()) as { run: { data: { metrics: { key: string; value: number }[] } } }
console.log('over the wire', run.data.metrics.map(({ key, value }) => `${key} ${value}`).join())
await server.close()

// One run as a page that needs no server.
await exportRun({ store, runId, folder: join(folder, 'page'), context })
console.log('exported to', join(folder, 'page/index.html'))
