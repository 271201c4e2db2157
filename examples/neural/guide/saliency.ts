import assert from 'node:assert/strict'
import { createContext } from 'fivefold'
import { trainNetwork } from 'fivefold/neural'
import { createOperations, createSession, differentiate, encodeModel, floats } from 'fivefold/onnx'
import { network, trainingOptions } from './quadrants.ts'

const context = createContext({ seed: 7, threads: 2 })
const trained = await trainNetwork(network, trainingOptions(context), context)

// A gradient in the input: how the score of class 1 changes as the point moves. Works on any ONNX model, whoever exported it.
const { model, gradients } = differentiate(trained.toOnnx(), {
  wrt: ['point'],
  dimensions: { N: 1 },
  loss: (graph, outputs) => {
    const { slice, sum } = createOperations(graph)
    return sum(slice(outputs.get('logits')!, [{ axis: 1, start: 1, end: 2 }]), [0, 1])
  },
})
await using session = await createSession(encodeModel(model))
const results = await session.run({ point: floats([1, 0.1], [1, 2]) })
const [alongX, alongY] = results[gradients.get('point')!]!.data as Float32Array
console.log(`at (1, 0.1) the score rises by ${alongX!.toFixed(2)} along x, by ${alongY!.toFixed(2)} along y`)
assert.ok(Math.abs(alongY!) > Math.abs(alongX!), 'y decides there, since its sign is about to change')
