// Trains or asks a network of architectures.mjs: `ours.mjs CASE THREADS FOLDER`; answers requests, a line of JSON each.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { version } from '../../packages/fivefold/dist/core/index.js'
import {
  adam,
  createTrainer,
  networkToOnnx,
  resolveGroups,
  writeSafetensors,
} from '../../packages/fivefold/dist/engines/neural/index.js'
import { createSession, encodeModel } from '../../packages/fivefold/dist/onnx/index.js'
import { prepareCase } from './architectures.mjs'

const STEPS_AHEAD = 2
const [name, threadsText, folder] = process.argv.slice(2)
const threads = Number(threadsText)
const { network, batchSize, train, weights, batch } = prepareCase(name)
const say = (message) => console.log(JSON.stringify(message))

const trainable = new Set(train.trained)
const tensors = Array.from(train.weights, ([name, shape]) => ({ name, shape, trainable: trainable.has(name) }))
const trainer = await createTrainer({
  tensors,
  initial: weights,
  programs: {
    train: {
      program: train,
      update: { optimizer: adam({ learningRate: 1e-4 }), settings: resolveGroups(tensors, []) },
    },
  },
  threads,
})
const inference = await createSession(encodeModel(networkToOnnx(network, weights)), { threads })
const tensorOf = (field, data) => {
  const { type, shape } = train.fields[field]
  return { type, shape: [batchSize, ...shape], data }
}
const inputs = Object.fromEntries(
  Object.keys(network.inputs).map((field) => [field, tensorOf(field, batch.fields[field])]),
)

const WORK = { train: takeSteps, infer }
say({ version })
for await (const line of createInterface({ input: process.stdin })) {
  const { kind, steps } = JSON.parse(line)
  if (kind === 'compare') say(await writeResults())
  else {
    const [began, cpuBegan] = [performance.now(), process.cpuUsage()]
    await WORK[kind](steps)
    const { user, system } = process.cpuUsage(cpuBegan)
    say({ ms: (performance.now() - began) / steps, cpuMs: (user + system) / 1000 / steps })
  }
}
await trainer.close()
await inference.close()

/** As `trainNetwork` does: some steps are handed over before the first of them is done. */
async function takeSteps(steps) {
  const underWay = []
  for (let i = 0; i < steps; i++) {
    underWay.push(trainer.step({ program: 'train', batches: [batch], learningRate: 1e-4 }))
    if (underWay.length > STEPS_AHEAD) await underWay.shift()
  }
  await Promise.all(underWay)
}

async function infer(steps) {
  for (let i = 0; i < steps; i++) await inference.run(inputs)
}

/** Outputs, loss and gradients at the initial weights, as a file for the peer. */
async function writeResults() {
  const session = await createSession(train.model, { threads })
  const feeds = {
    ...Object.fromEntries(Object.entries(batch.fields).map(([field, data]) => [field, tensorOf(field, data)])),
    ...Object.fromEntries(Array.from(train.weights, ([name, shape]) => [name, floats(shape, weights.get(name))])),
    row_weight: floats([batchSize], new Float32Array(batchSize).fill(1)),
  }
  const wanted = ['loss', ...train.trained.map((name) => `gradient:${name}`)]
  const results = { ...(await session.run(feeds, wanted)), ...(await inference.run(inputs)) }
  await session.close()
  const path = join(folder, `${name}-results.safetensors`)
  writeFileSync(path, safetensorsOf(Object.entries(results)))
  return { path }
}

function safetensorsOf(entries) {
  const tensors = new Map(entries.map(([name, { shape, data }]) => [name, { type: 'F32', shape, data }]))
  return writeSafetensors({ tensors, metadata: {} })
}

function floats(shape, data) {
  return { type: 'float', shape, data }
}
