import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createContext, FivefoldError } from 'fivefold'
import { createTrackingClient, sampleSystemMetrics } from 'fivefold/track'

// `fivefold up`, or `mlflow server`. Nothing below waits for it, and nothing is lost where it is not there.
const url = process.env.MLFLOW_TRACKING_URI ?? 'http://127.0.0.1:5000'
const journal = await mkdtemp(join(tmpdir(), 'fivefold-'))
const client = createTrackingClient({ url, journal })

const run = client.startRun({ experiment: 'weather', name: 'baseline' })
const endSampling = sampleSystemMetrics(run)
run.params({ learningRate: 0.1, depth: 6 })

// A run is also where a context reports to; a child is a run inside it.
const context = createContext({ seed: 7, run })
const fold = context.run.child('fold 0')
for (const [step, loss] of [0.69, 0.52, 0.47].entries()) fold.metric('loss', loss, step)
fold.end()

await endSampling()
run.end()
try {
  await client.flush({ timeoutMs: 2000 })
  console.log('the server has run', await run.id())
} catch (error) {
  console.log(error instanceof FivefoldError ? error.message : error)
}
const { pending, rejected } = client.status()
console.log(pending ? 'the next client of this journal sends the rest' : `all is sent, ${rejected} values were refused`)
await client.close({ timeoutMs: 1 }).catch(() => undefined)
