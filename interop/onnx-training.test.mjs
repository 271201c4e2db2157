/** Networks exported from PyTorch by both of its exporters: outputs, gradients and an epoch of training, against PyTorch's own. */
import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { python, workFolder } from './harness.mjs'

const dist = join(process.env.FIVEFOLD_REPOSITORY, 'packages/fivefold/dist/onnx/index.js')
const { createSession, differentiate, encodeModel, readModel } = await import(pathToFileURL(dist).href)

/** Of the largest value of an output. */
const OUTPUT_TOLERANCE = 1e-5
/**
 * Of a gradient's largest value, or of a hundredth of the largest in the network: biases before a batch norm have none. The
 * gradients to meet are PyTorch's in double precision.
 */
const GRADIENT_TOLERANCE = 1e-5
const NEGLIGIBLE = 1e-2
const LOSS_TOLERANCE = 1e-3

for (const exporter of ['torchscript', 'dynamo'])
  describe(`networks exported by ${exporter}`, async () => {
    const folder = workFolder()
    for (const network of python('export_training.py', [folder, exporter]))
      describe(network.name, async () => {
        const tensors = readTensors(join(folder, `${network.name}.bin`), network.tensors)
        const trained = gradientGraph(readFileSync(join(folder, `${network.name}.onnx`)), network, tensors)
        const session = await createSession(encodeModel(trained.model))
        const weights = parametersOf(tensors)
        const first = await session.run(feedsAt(trained, tensors, weights, 0))

        it('gives the same outputs', () => {
          const { output } = first
          assert.ok(
            largest(difference(output.data, tensors.output.data)) <= OUTPUT_TOLERANCE * largest(tensors.output.data),
          )
        })

        it('gives the same gradients', () => {
          const names = Object.keys(weights)
          const all = Math.max(...names.map((name) => largest(tensors[`gradient:${name}`].data)))
          for (const name of names) {
            const exact = tensors[`gradient:${name}`].data
            const scale = Math.max(largest(exact), NEGLIGIBLE * all)
            const ours = largest(difference(first[`gradient:${name}`].data, exact)) / scale
            assert.ok(ours <= GRADIENT_TOLERANCE, `${name}: ${ours}`)
          }
        })

        it('loses as much in every step of an epoch', async () => {
          for (const [step, expected] of network.losses.entries()) {
            const result = await session.run(feedsAt(trained, tensors, weights, step))
            const loss = result.loss.data[0]
            const allowed = LOSS_TOLERANCE * Math.max(1, Math.abs(expected))
            assert.ok(Math.abs(loss - expected) <= allowed, `step ${step}: ${loss}, PyTorch ${expected}`)
            descend(weights, result, network.learningRate)
          }
          await session.close()
        })
      })
  })

/** The model with a loss of its own over `target`, and its gradient in every parameter. */
function gradientGraph(bytes, { loss }, { y, ...tensors }) {
  const target = { type: y.type, shape: y.shape.slice(1) }
  return differentiate(readModel(bytes), {
    wrt: Object.keys(parametersOf(tensors)),
    training: true,
    outputs: ['output'],
    loss(graph, outputs) {
      const wanted = graph.input('target', target.type, target.shape)
      if (loss === 'crossEntropy') return graph.node('SoftmaxCrossEntropyLoss', [outputs.get('output'), wanted])
      const error = graph.node('Sub', [outputs.get('output'), wanted])
      return graph.node('ReduceMean', [graph.node('Mul', [error, error])], { keepdims: { int: 0 } })
    },
  })
}

function parametersOf(tensors) {
  const named = Object.entries(tensors).filter(([name]) => name.startsWith('parameter:'))
  return Object.fromEntries(named.map(([name, tensor]) => [name.slice('parameter:'.length), tensor]))
}

function feedsAt({ seed }, { x, y }, weights, step) {
  const masks = seed === undefined ? {} : { [seed]: { type: 'int32', shape: [], data: Int32Array.of(step) } }
  return { ...weights, x: item(x, step), target: item(y, step), ...masks }
}

/** One item along the first axis. */
function item({ type, shape, data }, index) {
  const size = data.length / shape[0]
  return { type, shape: shape.slice(1), data: data.slice(index * size, (index + 1) * size) }
}

function descend(weights, gradients, learningRate) {
  for (const [name, { data }] of Object.entries(weights)) {
    const gradient = gradients[`gradient:${name}`].data
    for (let i = 0; i < data.length; i++) data[i] -= learningRate * gradient[i]
  }
}

function readTensors(path, places) {
  const file = readFileSync(path)
  return Object.fromEntries(
    Object.entries(places).map(([name, { type, shape, offset, bytes }]) => {
      const start = file.byteOffset + offset
      const buffer = file.buffer.slice(start, start + bytes)
      return [
        name,
        type === 'int64'
          ? { type, shape, data: new BigInt64Array(buffer) }
          : { type: 'float', shape, data: new Float32Array(buffer) },
      ]
    }),
  )
}

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
const difference = (a, b) => a.map((value, i) => value - b[i])
