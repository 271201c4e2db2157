import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { createContext } from 'fivefold'
import { trainNetwork } from 'fivefold/neural'
import { network, trainingOptions } from './quadrants.ts'

const context = createContext({ seed: 7, threads: 1 })
const options = trainingOptions(context)
const unbroken = await trainNetwork(network, options, context)

// A run that is interrupted in its third epoch; its checkpoint is a safetensors file.
const interruption = new AbortController()
const save = (checkpoint: Uint8Array) => writeFile('checkpoint.safetensors', checkpoint)
const interrupted = createContext({
  seed: 7,
  threads: 1,
  signal: interruption.signal,
  progress: ({ done }) => {
    if (done === 130) interruption.abort()
  },
})
await assert.rejects(trainNetwork(network, { ...options, checkpoint: { save, everySteps: 20 } }, interrupted))

// Goes on within the epoch, with the same batches and the same dropout: not a similar model, the same one.
const resume = await readFile('checkpoint.safetensors')
const resumed = await trainNetwork(network, { ...options, resume }, context)
assert.deepEqual(resumed.weights, unbroken.weights)
console.log('the resumed run ended at the same weights, bit for bit')
