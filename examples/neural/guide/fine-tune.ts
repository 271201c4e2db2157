import assert from 'node:assert/strict'
import { createContext } from 'fivefold'
import { adamw, defineNetwork, dense, isLoraParameter, loraDense, networkFromOnnx, trainNetwork } from 'fivefold/neural'
import { encodeModel, readModel } from 'fivefold/onnx'
import { network, trainingOptions } from './quadrants.ts'

const context = createContext({ seed: 7, threads: 2 })
const options = trainingOptions(context)
const base = await trainNetwork(network, options, context)

// A model file as a part of another network: its weights stay, the new head learns at a rate of its own.
const imported = networkFromOnnx(readModel(encodeModel(base.toOnnx())))
const extended = defineNetwork({
  name: 'extended',
  inputs: { point: network.inputs.point },
  forward: (scope, { point }) => {
    const { logits } = imported.forward(scope.within('base'), { point })
    return { logits: dense(scope, 'new_head', logits!, { units: 2 }) }
  },
})
const groups = [{ match: 'base.*', frozen: true }]
const tuned = await trainNetwork(extended, { ...options, groups, epochs: 1 }, context)
for (const [name, values] of base.weights) assert.deepEqual(tuned.weights.get(`base.${name}`), values)
console.log('trained only:', [...tuned.weights.keys()].filter((name) => !name.startsWith('base.')).join(', '))

// LoRA: the base stays, and each layer learns an update of low rank beside it, which is added to the weight when it is served.
const adapted = defineNetwork({
  ...network,
  forward: (scope, { point }) => {
    const hidden = loraDense(scope, 'hidden', point, { units: 32, rank: 1, activation: 'relu' })
    return { logits: loraDense(scope, 'head', hidden, { units: 2, rank: 1 }) }
  },
})
const lora = await trainNetwork(
  adapted,
  {
    ...options,
    initial: base.weights,
    groups: [{ match: ({ name }) => !isLoraParameter(name), frozen: true }],
    optimizer: adamw({ learningRate: 1e-2, weightDecay: 0 }),
    epochs: 1,
  },
  context,
)
const count = (wanted: (name: string) => boolean): number =>
  [...lora.weights].reduce((sum, [name, { length }]) => sum + (wanted(name) ? length : 0), 0)
console.log(`LoRA trains ${count(isLoraParameter)} values beside ${count((name) => !isLoraParameter(name))} that stay`)
