// Trains with a checkpoint file until it is done or killed; prints a line after each update and the weights at the end.
import { createHash } from 'node:crypto'
import { pathToFileURL } from 'node:url'

const [, , dist, path] = process.argv
const load = (name) => import(pathToFileURL(`${dist}/${name}`).href)
const [{ createContext }, neural, { checkpointFile }] = await Promise.all([
  load('core/index.js'),
  load('engines/neural/index.js'),
  load('train/index.js'),
])
const { adam, createArrayDataset, createLoader, crossEntropy, defineNetwork, dense, dropout, tensor, trainNetwork } =
  neural
const network = defineNetwork({
  name: 'plane',
  inputs: { point: tensor('float', 2) },
  forward(scope, { point }) {
    const hidden = dense(scope, 'hidden', point, { units: 256, activation: 'relu' })
    return { logits: dense(scope, 'head', dropout(scope, 'drop', hidden, { rate: 0.2 }), { units: 2 }) }
  },
})
const context = createContext({ seed: 5, threads: 1, progress: ({ done }) => console.log(`step ${done}`) })
const point = Float32Array.from({ length: 512 }, (_, i) => Math.sin(i * i))
const label = BigInt64Array.from({ length: 256 }, (_, i) => (point[2 * i] > point[2 * i + 1] ? 1n : 0n))
const data = createLoader(
  createArrayDataset({ point: { data: point, shape: [2] }, label: { data: label } }),
  { batchSize: 16 },
  context,
)
const trained = await trainNetwork(
  network,
  {
    ...{ data, targets: { label: tensor('int64') }, loss: crossEntropy({ output: 'logits', target: 'label' }) },
    ...{ optimizer: adam(), epochs: 6, averaging: { kind: 'ema', decay: 0.9 } },
    ...(await checkpointFile(path, 1)),
  },
  context,
)
const hash = createHash('sha256')
for (const [name, values] of trained.weights) hash.update(name).update(new Uint8Array(values.slice().buffer))
console.log(`weights ${hash.digest('hex')}`)
