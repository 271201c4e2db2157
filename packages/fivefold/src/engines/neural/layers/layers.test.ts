import { describe, expect, it } from 'vitest'
import { createSession, createTypedGraph, encodeModel, floats, type TypedValue } from '../../../onnx/index.ts'
import { compileTraining, initializeNetwork, networkToOnnx } from '../network/compile.ts'
import { defineNetwork, type Network, tensor } from '../network/network.ts'
import { createScope, type Scope } from '../network/scope.ts'
import type { Weights } from '../network/weights.ts'
import { multiHeadAttention } from './attention.ts'
import { concatenate, reshape, residual, sequential } from './composition.ts'
import { conv2d } from './convolution.ts'
import { dense } from './dense.ts'
import { embedding } from './embedding.ts'
import { isLoraParameter, loraDense, mergeLora } from './lora.ts'
import { groupNorm } from './normalization.ts'
import { meanOverSteps } from './pooling.ts'
import { learnedPositions } from './positional-encoding.ts'
import { lstm } from './recurrent/lstm.ts'

type Write = (scope: Scope, x: TypedValue) => TypedValue

const network = (write: Write, ...shape: number[]): Network =>
  defineNetwork({
    name: 'one layer',
    inputs: { x: tensor('float', ...shape) },
    forward: (scope, { x }) => ({ y: write(scope, x) }),
  })

async function predict(of: Network, weights: Weights, x: readonly number[]): Promise<number[]> {
  await using session = await createSession(encodeModel(networkToOnnx(of, weights)))
  const shape = of.inputs.x!.shape
  const rows = x.length / shape.reduce((a, b) => a * b, 1)
  const { y } = await session.run({ x: floats(x, [rows, ...shape]) })
  return Array.from(y!.data as Float32Array)
}

describe('learned positions', () => {
  it('add the first rows of their table', async () => {
    const of = network((scope, x) => learnedPositions(scope, 'at', x, { longest: 3 }), 2, 2)
    const weights = new Map([['at.weight', Float32Array.of(1, 2, 3, 4, 5, 6)]])
    expect(await predict(of, weights, [10, 20, 30, 40])).toEqual([11, 22, 33, 44])
  })

  it('refuse longer sequences', () => {
    const of = network((scope, x) => learnedPositions(scope, 'at', x, { longest: 1 }), 2, 2)
    expect(() => initializeNetwork(of, 1)).toThrow('at: sequences of 2 steps, but only 1 positions')
  })
})

describe('low-rank updates', () => {
  const options = { units: 3, rank: 2, alpha: 4 }
  const tuned = network((scope, x) => loraDense(scope, 'head', x, options), 4)
  const plain = network((scope, x) => dense(scope, 'head', x, { units: 3 }), 4)

  it('change nothing at the start', async () => {
    const weights = initializeNetwork(tuned, 5)
    const x = [1, -2, 0.5, 3]
    expect(await predict(tuned, weights, x)).toEqual(await predict(plain, weights, x))
  })

  it('merge into the weights that they update', async () => {
    const weights = initializeNetwork(tuned, 5)
    weights.set('head.lora_b', Float32Array.of(1, -1, 0.5, 2, -3, 0.25))
    const merged = mergeLora(weights, () => 2)
    expect([...merged.keys()]).toEqual(['head.weight', 'head.bias'])
    const x = [1, -2, 0.5, 3, 0, 1, 1, 0]
    const [before, after] = [await predict(tuned, weights, x), await predict(plain, merged, x)]
    for (const [i, value] of after.entries()) expect(value).toBeCloseTo(before[i]!, 5)
  })

  it('are told from other parameters by name', () => {
    const single = network((scope, x) => dense(scope, 'out', loraDense(scope, 'head', x, options), { units: 1 }), 4)
    const program = compileTraining(single, {
      ...{ batchSize: 1, targets: {}, isTrained: isLoraParameter },
      loss: (graph, outputs) => graph.node('ReduceSum', [outputs.y!], { keepdims: { int: 0 } }),
    })
    expect(program.trained).toEqual(['head.lora_a', 'head.lora_b'])
  })

  it('refuse a half update', () => {
    expect(() => mergeLora(new Map([['head.lora_b', Float32Array.of(1)]]), () => 1)).toThrow(
      "layer 'head' has lora_b, but not both lora_a and weight",
    )
  })
})

describe('compositions', () => {
  it('chain, add and join', async () => {
    const of = network((scope, x) => {
      const { graph } = scope
      const doubled = residual(scope, x, (value) => value)
      const shaped = sequential(
        doubled,
        (value) => graph.node('Neg', [value]),
        (value) => reshape(scope, value, [2, 1]),
      )
      return concatenate(scope, [shaped, reshape(scope, x, [2, 1])])
    }, 2)
    expect(await predict(of, new Map(), [1, 2])).toEqual([-2, 1, -4, 2])
  })

  it('average over steps', async () => {
    expect(await predict(network(meanOverSteps, 2, 2), new Map(), [1, 2, 3, 6])).toEqual([2, 4])
  })
})

describe('layers say which of them does not fit', () => {
  const write = (layer: Write, ...shape: (number | string)[]): void => {
    const graph = createTypedGraph({ name: 'wrong' })
    const { scope } = createScope(graph, false, (name, size) => graph.input(name, 'float', size))
    layer(scope.within('block'), graph.input('x', 'float', shape))
  }

  it.each([
    [
      'rank',
      (s, x) => conv2d(s, 'conv', x, { channels: 1, kernel: 3 }),
      [1, 3, 8],
      /block.conv takes \[N, channels, height/,
    ],
    [
      'padding',
      (s, x) => conv2d(s, 'c', x, { channels: 1, kernel: 3, stride: 2, padding: 'same' }),
      [1, 3, 8, 8],
      /block.c: padding 'same' needs stride 1/,
    ],
    [
      'kernel',
      (s, x) => conv2d(s, 'c', x, { channels: 1, kernel: [3] }),
      [1, 3, 8, 8],
      /block.c: kernel must be 2 whole numbers/,
    ],
    [
      'groups',
      (s, x) => conv2d(s, 'c', x, { channels: 4, kernel: 1, groups: 2 }),
      [1, 3, 8, 8],
      /3 input channels do not divide by 2/,
    ],
    [
      'heads',
      (s, x) => multiHeadAttention(s, 'a', x, { heads: 3 }),
      ['N', 4, 8],
      /block.a: 8 features do not divide by 3/,
    ],
    ['mask', (s, x) => multiHeadAttention(s, 'a', x, { heads: 2, mask: x }), ['N', 4, 8], /attention mask is int64/],
    [
      'steps',
      (s, x) => multiHeadAttention(s, 'a', x, { heads: 2 }),
      ['N', 'T', 8],
      /block.a: axis 1 .* must have a fixed size/,
    ],
    ['ids', (s, x) => embedding(s, 'e', x, { count: 2, size: 2 }), ['N', 4], /block.e: an embedding takes int64 ids/],
    [
      'places',
      (s, x) => groupNorm(s, 'g', x, { groups: 2 }),
      ['N', 4, 'T'],
      /block.g: axis 2 .* must have a fixed size/,
    ],
  ] as const satisfies readonly (readonly [string, Write, readonly (number | string)[], RegExp])[])(
    '%s',
    (_what, layer, shape, message) => {
      expect(() => write(layer, ...shape)).toThrow(message)
    },
  )

  it('leaves the number of steps of a served recurrent layer open', async () => {
    const graph = createTypedGraph({ name: 'any length' })
    const store = (name: string, shape: readonly number[]): TypedValue =>
      graph.initializer(name, floats(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.1), shape))
    const { scope } = createScope(graph, false, store)
    const x = graph.input('x', 'float', ['N', 'T', 2])
    graph.output('y', lstm(scope, 'rnn', x, { units: 3, bidirectional: true }).sequence)
    await using session = await createSession(encodeModel(graph.build()))
    for (const steps of [1, 4]) {
      const { y } = await session.run({ x: floats(new Float32Array(2 * steps * 2).fill(1), [2, steps, 2]) })
      expect(y!.shape).toEqual([2, steps, 6])
    }
  })
})
