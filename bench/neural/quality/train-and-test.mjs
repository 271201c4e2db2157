import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext } from '../../../packages/fivefold/dist/core/index.js'
import {
  accuracy,
  createArrayDataset,
  createLoader,
  tensor,
  trainNetwork,
} from '../../../packages/fivefold/dist/engines/neural/index.js'
import { createSession, encodeModel } from '../../../packages/fivefold/dist/onnx/index.js'
import { curveChart } from '../../../packages/fivefold/dist/report/index.js'
import { progress } from '../../boosting/terminal.mjs'

const TEST_BATCH = 250
const NORMAL_95 = 1.959964

/** Trains on the training rows, keeps the best epoch by the validation rows, measures the exported model on the test rows. */
export async function trainAndTest(definition, data, { name, model, threads, seed, out, ...asked }) {
  const { network, batchSize, transforms = [], options } = definition
  const epochs = asked.epochs ?? definition.epochs
  let reportedMs = 0
  const context = createContext({
    seed,
    threads,
    progress: ({ done, total, note }) => {
      if (performance.now() - reportedMs < 10_000) return
      reportedMs = performance.now()
      progress(`${name}, ${model}: step ${done} of ${total}, ${note}`)
    },
  })
  const loader = createLoader(
    createArrayDataset(data.train.fields),
    { batchSize, last: 'drop', transforms, workers: transforms.length > 0 ? 1 : 0 },
    context,
  )
  const began = performance.now()
  const trained = await trainNetwork(
    network,
    {
      data: loader,
      validation: createLoader(
        createArrayDataset(data.validation.fields),
        { batchSize: TEST_BATCH, sampling: { kind: 'sequential' } },
        context,
      ),
      targets: { label: tensor('int64') },
      metrics: { accuracy: accuracy('logits', 'label') },
      ...options(epochs * loader.batchCount),
      epochs,
    },
    context,
  ).finally(() => loader.close())
  const seconds = (performance.now() - began) / 1000
  const { history, bestEpoch, weights } = trained
  const picture = join(out, `${name}-${model.replaceAll(' ', '-').toLowerCase()}.svg`)
  writeFileSync(picture, drawHistory(`${name}, ${model}`, history))
  const share = await testModel(encodeModel(trained.toOnnx()), data.test, threads)
  const parameters = [...weights.values()].reduce((sum, { length }) => sum + length, 0)
  return { epochs, bestEpoch, seconds, parameters, accuracy: wilson(share, data.test.count), history, picture }
}

function drawHistory(title, history) {
  const curve = (name) => ({ name, points: history.map((entry) => ({ x: entry.epoch, y: entry[name] })) })
  const curves = ['train/loss', 'validation/loss', 'validation/accuracy'].map(curve)
  return curveChart({ label: `${title}: loss and accuracy by epoch`, curves, x: 'epoch', y: 'loss and accuracy' })
}

/** Share of rows whose label the model names. */
async function testModel(bytes, { fields, count }, threads) {
  const session = await createSession(bytes, { threads })
  const { label, ...inputs } = fields
  let hits = 0
  for (let from = 0; from < count; from += TEST_BATCH) {
    const rows = Math.min(TEST_BATCH, count - from)
    const feeds = Object.entries(inputs)
      .filter(([name]) => session.inputs.some((input) => input.name === name))
      .map(([name, { data, shape = [] }]) => [name, rowsOf(data, shape, from, rows)])
    const { logits } = await session.run(Object.fromEntries(feeds))
    hits +=
      rows * accuracy('logits', 'label')({ logits: logits.data }, { label: label.data.subarray(from, from + rows) })
  }
  await session.close()
  return hits / count
}

function rowsOf(data, shape, from, rows) {
  const size = shape.reduce((product, length) => product * length, 1)
  const type = data instanceof BigInt64Array ? 'int64' : 'float'
  const part = data.subarray(from * size, (from + rows) * size)
  return { type, shape: [rows, ...shape], data: part instanceof Uint8Array ? Float32Array.from(part) : part }
}

/** Interval of a share (Wilson 1927). */
function wilson(value, count) {
  const square = NORMAL_95 ** 2 / count
  const centre = (value + square / 2) / (1 + square)
  const half = (NORMAL_95 * Math.sqrt((value * (1 - value)) / count + square / 4 / count)) / (1 + square)
  return { value, low: centre - half, high: centre + half, rows: count }
}
