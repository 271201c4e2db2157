// Trains one network for many steps with `trainNetwork`; prints resident memory and the event loop's delay as a line of JSON.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createContext } from '../../packages/fivefold/dist/core/index.js'
import {
  adam,
  createArrayDataset,
  createLoader,
  crossEntropy,
  tensor,
  trainNetwork,
} from '../../packages/fivefold/dist/engines/neural/index.js'
import { prepareCase } from './architectures.mjs'

const BATCHES_AN_EPOCH = 50
const { name, steps, threads } = JSON.parse(process.argv[2])
const { network, batchSize, train, batch } = prepareCase(name)

const atStep = new Map([
  [Math.round(steps / 10), undefined],
  [steps, undefined],
])
const delay = monitorEventLoopDelay({ resolution: 1 })
let beganMs
const progress = ({ done }) => {
  // Before the first step the graph is written, which is measured by itself.
  if (done === 1) {
    beganMs = performance.now()
    delay.enable()
  }
  if (atStep.has(done)) atStep.set(done, process.memoryUsage().rss)
}
const context = createContext({ seed: 7, threads, progress })
const repeated = (data) => {
  const values = new data.constructor(data.length * BATCHES_AN_EPOCH)
  for (let i = 0; i < BATCHES_AN_EPOCH; i++) values.set(data, i * data.length)
  return values
}
const dataset = createArrayDataset(
  Object.fromEntries(
    Object.entries(batch.fields).map(([field, data]) => [
      field,
      { data: repeated(data), shape: train.fields[field].shape },
    ]),
  ),
)
const startMs = performance.now()
await trainNetwork(
  network,
  {
    data: createLoader(dataset, { batchSize }, context),
    targets: { label: tensor('int64') },
    loss: crossEntropy({ output: 'logits', target: 'label' }),
    optimizer: adam({ learningRate: 1e-5 }),
    epochs: Math.ceil(steps / BATCHES_AN_EPOCH),
  },
  context,
)
delay.disable()
const megabytes = (step) => Math.round(atStep.get(step) / 2 ** 20)
const early = Math.round(steps / 10)
console.log(
  JSON.stringify({
    case: name,
    threads,
    steps,
    [`MiB at step ${early}`]: megabytes(early),
    [`MiB at step ${steps}`]: megabytes(steps),
    'ms a step': Number(((performance.now() - beganMs) / steps).toFixed(2)),
    'seconds to first step': Number(((beganMs - startMs) / 1000).toFixed(2)),
    'loop delay p99, ms': Number((delay.percentile(99) / 1e6).toFixed(2)),
    'loop delay max, ms': Number((delay.max / 1e6).toFixed(2)),
  }),
)
