import { createContext } from 'fivefold'
import {
  accuracy,
  adamw,
  createArrayDataset,
  createLoader,
  crossEntropy,
  defineNetwork,
  dense,
  dropout,
  tensor,
  trainNetwork,
} from 'fivefold/neural'
import { createSession, encodeModel, floats } from 'fivefold/onnx'

const context = createContext({ seed: 7, threads: 2 })
const count = 2000
const points = Float32Array.from({ length: 2 * count }, () => context.rng.normal())
const labels = BigInt64Array.from({ length: count }, (_, i) => (points[2 * i]! * points[2 * i + 1]! > 0 ? 1n : 0n))

// A network is a function that writes its layers into a graph; the same one writes the graph that trains and the one that serves.
const network = defineNetwork({
  name: 'quadrants',
  inputs: { point: tensor('float', 2) },
  forward: (scope, { point }) => {
    const hidden = dense(scope, 'hidden', point, { units: 32, activation: 'relu' })
    return { logits: dense(scope, 'head', dropout(scope, 'drop', hidden, { rate: 0.1 }), { units: 2 }) }
  },
})
const dataset = (from: number, to: number) =>
  createArrayDataset({
    point: { data: points.subarray(2 * from, 2 * to), shape: [2] },
    label: { data: labels.subarray(from, to) },
  })
const trained = await trainNetwork(
  network,
  {
    data: createLoader(dataset(0, 1600), { batchSize: 32 }, context),
    validation: createLoader(dataset(1600, count), { batchSize: 100, sampling: { kind: 'sequential' } }, context),
    targets: { label: tensor('int64') },
    loss: crossEntropy({ output: 'logits', target: 'label' }),
    metrics: { accuracy: accuracy('logits', 'label') },
    optimizer: adamw({ learningRate: 1e-2 }),
    epochs: 8,
  },
  context,
)
console.log(`best epoch ${trained.bestEpoch}`, trained.history.at(-1))

await using session = await createSession(encodeModel(trained.toOnnx()))
console.log((await session.run({ point: floats([1, 1, 1, -1], [2, 2]) })).logits)
