import type { Context } from 'fivefold'
import {
  adamw,
  createArrayDataset,
  createLoader,
  crossEntropy,
  defineNetwork,
  dense,
  dropout,
  tensor,
} from 'fivefold/neural'

/** Tells points of two opposite quadrants from those of the other two. */
export const network = defineNetwork({
  name: 'quadrants',
  inputs: { point: tensor('float', 2) },
  forward: (scope, { point }) => {
    const hidden = dense(scope, 'hidden', point, { units: 32, activation: 'relu' })
    return { logits: dense(scope, 'head', dropout(scope, 'drop', hidden, { rate: 0.1 }), { units: 2 }) }
  },
})

/** Everything that training needs besides the network: batches, targets, loss, optimiser. */
export function trainingOptions(context: Context, batchSize = 32) {
  const rng = context.rng.fork('points')
  const points = Float32Array.from({ length: 2 * 1600 }, () => rng.normal())
  const isAlike = (i: number): boolean => points[2 * i]! * points[2 * i + 1]! > 0
  const labels = BigInt64Array.from({ length: 1600 }, (_, i) => (isAlike(i) ? 1n : 0n))
  const dataset = createArrayDataset({ point: { data: points, shape: [2] }, label: { data: labels } })
  return {
    data: createLoader(dataset, { batchSize }, context),
    targets: { label: tensor('int64') },
    loss: crossEntropy({ output: 'logits', target: 'label' }),
    optimizer: adamw({ learningRate: 1e-2 }),
    epochs: 6,
  } as const
}
