import assert from 'node:assert/strict'
import { createContext } from 'fivefold'
import { trainNetwork } from 'fivefold/neural'
import { network, trainingOptions } from './quadrants.ts'

// Each update takes two batches of 16. One worker does one after the other, two workers one each and exchange gradients.
const context = createContext({ seed: 7, threads: 2 })
const options = { ...trainingOptions(context, 16), accumulate: 2, epochs: 2 }
const [one, two] = [
  await trainNetwork(network, { ...options, workers: 1 }, context),
  await trainNetwork(network, { ...options, workers: 2 }, context),
]
const distance = Math.max(
  ...Array.from(one.weights, ([name, values]) =>
    values.reduce((largest, value, i) => Math.max(largest, Math.abs(value - two.weights.get(name)![i]!)), 0),
  ),
)
console.log(`largest difference between any two weights: ${distance}`)
assert.ok(distance < 1e-4, 'rounding in another order is all that differs')
