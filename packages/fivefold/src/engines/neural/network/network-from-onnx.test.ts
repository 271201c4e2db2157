import { describe, expect, it } from 'vitest'
import { createContext } from '../../../core/index.ts'
import { createSession, createTypedGraph, encodeModel, floats, type OnnxModel, readModel } from '../../../onnx/index.ts'
import { createArrayDataset, createLoader } from '../data/index.ts'
import { batchNorm } from '../layers/batch-norm.ts'
import { conv2d } from '../layers/convolution.ts'
import { dense, flatten } from '../layers/dense.ts'
import { dropout } from '../layers/dropout.ts'
import { crossEntropy } from '../losses/cross-entropy.ts'
import { sgd } from '../optimizer/index.ts'
import { trainNetwork } from '../training/train-network.ts'
import { initializeNetwork, networkToOnnx } from './compile.ts'
import { defineNetwork, type Network, tensor } from './network.ts'
import { networkFromOnnx } from './network-from-onnx.ts'

const original = defineNetwork({
  name: 'original',
  inputs: { image: tensor('float', 1, 6, 6) },
  forward(scope, { image }) {
    const maps = batchNorm(scope, 'norm', conv2d(scope, 'conv', image, { channels: 3, kernel: 3 }))
    return { logits: dense(scope, 'head', flatten(scope, scope.graph.node('Relu', [maps])), { units: 2 }) }
  },
})

/** Bright images above, dark ones below. */
function loader() {
  const { rng } = createContext({ seed: 5 })
  const label = BigInt64Array.from({ length: 64 }, () => BigInt(rng.int(2)))
  const image = Float32Array.from({ length: 64 * 36 }, (_, i) => rng.normal() + Number(label[Math.floor(i / 36)]))
  const dataset = createArrayDataset({ image: { data: image, shape: [1, 6, 6] }, label: { data: label } })
  return createLoader(dataset, { batchSize: 16 }, createContext({ seed: 1 }))
}

const train = (network: Network, changes: object = {}) =>
  trainNetwork(
    network,
    {
      data: loader(),
      targets: { label: tensor('int64') },
      loss: crossEntropy({ output: 'logits', target: 'label' }),
      optimizer: sgd({ learningRate: 0.1 }),
      epochs: 2,
      ...changes,
    },
    createContext({ seed: 7, threads: 1 }),
  )

const exported = (network: Network): OnnxModel =>
  readModel(encodeModel(networkToOnnx(network, initializeNetwork(network, 7))))

describe('networkFromOnnx', () => {
  it('trains as the network that was exported: weights, running statistics and all', async () => {
    const expected = await train(original)
    const again = await train(networkFromOnnx(exported(original)))
    expect(again.weights.size).toBe(expected.weights.size)
    for (const [name, values] of expected.weights) {
      const found = again.weights.get(name)!
      for (const [i, value] of values.entries()) expect(found[i]).toBeCloseTo(value, 5)
    }
  })

  it('keeps its names below a scope, takes a new head, and goes out again', async () => {
    const base = networkFromOnnx(exported(original))
    const widened = defineNetwork({
      ...base,
      forward(scope, inputs) {
        const { logits } = base.forward(scope.within('base'), inputs)
        return { logits: dense(scope, 'extra', dropout(scope, 'drop', logits!, { rate: 0.2 }), { units: 2 }) }
      },
    })
    const { weights, toOnnx } = await train(widened, { groups: [{ match: 'base.*', frozen: true }] })
    expect(weights.get('base.conv.weight')).toEqual(initializeNetwork(widened, 7).get('base.conv.weight'))
    await using session = await createSession(encodeModel(toOnnx()))
    const { logits } = await session.run({ image: floats(new Float32Array(5 * 36), [5, 1, 6, 6]) })
    expect(logits!.shape).toEqual([5, 2])
  })

  it('lets dropout drop in training alone', async () => {
    const graph = createTypedGraph({ name: 'dropping' })
    const x = graph.input('image', 'float', ['N', 36])
    const weight = graph.initializer('weight', floats(new Float32Array(72).fill(0.1, 36), [2, 36]))
    const dropped = graph.node('Dropout', [x, graph.constant(floats([0.5], []))])
    graph.output('logits', graph.node('Gemm', [dropped, weight], { transB: { int: 1 } }))
    const network = networkFromOnnx(graph.build())
    const flatLoader = { ...loader(), epoch: flattened }
    const { history } = await train(network, {
      data: flatLoader,
      validation: flatLoader,
      optimizer: sgd({ learningRate: 0 }),
    })
    // Without learning, what differs between the losses is the dropping.
    expect(history[0]!['validation/loss']).not.toBeCloseTo(history[0]!['train/loss']!, 3)
    expect(history[1]!['validation/loss']).toBe(history[0]!['validation/loss'])
  })

  it('takes a part of the model for a new head', async () => {
    const model = exported(original)
    const features = model.graph.nodes.find(({ op }) => op === 'Relu')!.outputs[0]!
    const backbone = networkFromOnnx(model, { outputs: [features] })
    const tuned = defineNetwork({
      ...backbone,
      forward(scope, inputs) {
        const maps = backbone.forward(scope, inputs)[features]!
        return { logits: dense(scope, 'newHead', flatten(scope, maps), { units: 2 }) }
      },
    })
    const { weights } = await train(tuned, { groups: [{ match: 'conv.*', frozen: true }] })
    expect([...weights.keys()].filter((name) => name.startsWith('head'))).toEqual([])
    expect(weights.get('conv.weight')).toEqual(initializeNetwork(original, 7).get('conv.weight'))
    expect(() => networkFromOnnx(model, { outputs: ['logitz'] })).toThrow("the model has no value 'logitz'")
  })

  it('leaves an old head alone that is frozen', async () => {
    const backbone = networkFromOnnx(exported(original))
    const tuned = defineNetwork({
      ...backbone,
      forward(scope, inputs) {
        backbone.forward(scope, inputs)
        return { logits: dense(scope, 'newHead', flatten(scope, inputs.image!), { units: 2 }) }
      },
    })
    const frozen = ['conv.*', 'norm.*', 'head.*'].map((match) => ({ match, frozen: true }))
    const { weights } = await train(tuned, { groups: frozen })
    expect(weights.get('head.weight')).toEqual(initializeNetwork(original, 7).get('head.weight'))
  })

  it('asks for sizes that the model leaves open', () => {
    const graph = createTypedGraph({ name: 'open' })
    const weight = graph.initializer('weight', floats([1]))
    graph.output('y', graph.node('Mul', [graph.input('x', 'float', ['N', 'T']), weight]))
    expect(() => networkFromOnnx(graph.build())).toThrow("the input 'x' [N, T] has sizes that are open")
    expect(networkFromOnnx(graph.build(), { shapes: { x: [4] } }).inputs.x).toEqual(tensor('float', 4))
  })
})

async function* flattened(epoch: number) {
  yield* loader().epoch(epoch)
}
