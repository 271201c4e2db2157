// `ended-training.reference.mjs DIST WORKERS HOW`: takes steps in threads; HOW is `idle`, to come to an end by itself once they are
// done, `closed`, to close the trainer in the middle of them, or milliseconds after which `process.exit(3)` ends the process there.
import { pathToFileURL } from 'node:url'

const [dist, workersText, how] = process.argv.slice(2)
const neural = await import(pathToFileURL(`${dist}/engines/neural/index.js`).href)
const [width, rows, workers] = [1024, 512, Number(workersText)]

const network = neural.defineNetwork({
  name: 'wide',
  inputs: { x: neural.tensor('float', width) },
  forward(scope, { x }) {
    const hidden = neural.dense(scope, 'first', x, { units: width })
    return { y: neural.dense(scope, 'second', hidden, { units: 1 }) }
  },
})
const loss = neural.meanSquared({ output: 'y', target: 'truth' })
const program = neural.compileTraining(network, {
  batchSize: rows,
  targets: { truth: neural.tensor('float', 1) },
  loss,
})
const tensors = Array.from(program.weights, ([name, shape]) => ({ name, shape }))
const update = { optimizer: neural.adam(), settings: neural.resolveGroups(tensors, []) }
const initial = neural.initializeNetwork(network, 1)
const trainer = await neural.createTrainer(
  { tensors, initial, programs: { train: { program, update } }, threads: 1 },
  { workers },
)

const batch = { fields: { x: new Float32Array(rows * width).fill(0.01), truth: new Float32Array(rows) } }
const request = { program: 'train', batches: Array(workers).fill(batch), learningRate: 0 }
const steps = [1, 2, 3].map(() => trainer.step(request))
if (how === 'idle') await Promise.all(steps)
else if (how === 'closed') {
  // What waits is rejected at once; nothing but the closing keeps the process alive then.
  const [closed, ...rejected] = [trainer.close(), ...steps.map((step) => step.catch(() => 'rejected'))]
  await Promise.all(rejected)
  await closed
} else setTimeout(() => process.exit(3), Number(how))
