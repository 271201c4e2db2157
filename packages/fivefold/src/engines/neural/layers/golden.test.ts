import { describe, expect, it } from 'vitest'
import type { TypedValue } from '../../../onnx/index.ts'
import type { NamedValues } from '../network/network.ts'
import type { Scope } from '../network/scope.ts'
import { ACTIVATIONS, activation, gatedLinearUnit, prelu } from './activation.ts'
import { multiHeadAttention } from './attention.ts'
import { batchNorm } from './batch-norm.ts'
import { conv1d, conv2d, depthwiseConv2d } from './convolution.ts'
import { dense } from './dense.ts'
import { embedding } from './embedding.ts'
import { type GoldenLayers, infer, type Results, readGolden, train, type WriteLayer } from './golden.reference.ts'
import { loraDense } from './lora.ts'
import { groupNorm, instanceNorm, layerNorm, rmsNorm } from './normalization.ts'
import { averagePool1d, averagePool2d, globalAveragePool, globalMaxPool, maxPool1d, maxPool2d } from './pooling.ts'
import { sinusoidalPositions } from './positional-encoding.ts'
import { gru } from './recurrent/gru.ts'
import { lstm } from './recurrent/lstm.ts'
import type { RecurrentOptions } from './recurrent/recurrent-stack.ts'
import { transformerDecoderLayer, transformerEncoderLayer } from './transformer.ts'
import { convTranspose1d, convTranspose2d } from './transposed-convolution.ts'

const golden = readGolden<GoldenLayers>('./fixtures/torch.json')

/** A layer with one input `x` and a name. */
const named =
  <Options>(layer: (scope: Scope, name: string, x: TypedValue, options: Options) => TypedValue, options: Options) =>
  (scope: Scope, { x }: NamedValues): NamedValues => ({ y: layer(scope, 'layer', x!, options) })

/** A layer with one input `x` and nothing to train. */
const plain =
  <Options>(layer: (scope: Scope, x: TypedValue, options: Options) => TypedValue, options: Options) =>
  (scope: Scope, { x }: NamedValues): NamedValues => ({ y: layer(scope, x!, options) })

const recurrentLayer =
  (layer: typeof lstm, options: Omit<RecurrentOptions, 'units'> = {}): WriteLayer =>
  (scope, { x, lengths }) => ({ ...layer(scope, 'layer', x!, { units: 3, ...options, ...(lengths && { lengths }) }) })

const attention =
  (options: { heads: number; causal?: boolean }): WriteLayer =>
  (scope, { x, memory, mask }) => ({ y: multiHeadAttention(scope, 'layer', x!, { ...options, memory, mask }) })

const shape = { heads: 2, feedForward: 12, dropout: 0 }
const normFirst = { ...shape, normFirst: true, activation: 'gelu' } as const

const LAYERS: Readonly<Record<string, WriteLayer>> = {
  dense: named(dense, { units: 5 }),
  'dense without bias': named(dense, { units: 2, bias: false }),
  conv1d: named(conv1d, { channels: 6, kernel: 3, stride: 2, padding: 1 }),
  'conv1d same': named(conv1d, { channels: 3, kernel: 4, padding: 'same', dilation: 2 }),
  conv2d: named(conv2d, { channels: 5, kernel: 3, padding: 1 }),
  'conv2d groups': named(conv2d, { channels: 6, kernel: [3, 2], stride: 2, padding: 'valid', groups: 2, bias: false }),
  'conv2d strides': named(conv2d, { channels: 2, kernel: 3, stride: [2, 1], padding: [1, 2], dilation: [1, 2] }),
  depthwise: named(depthwiseConv2d, { multiplier: 2, kernel: 3, padding: 1 }),
  convTranspose1d: named(convTranspose1d, { channels: 3, kernel: 3, stride: 2, padding: 1, outputPadding: 1 }),
  convTranspose2d: named(convTranspose2d, { channels: 3, kernel: 2, stride: 2 }),
  'convTranspose2d groups': named(convTranspose2d, { channels: 6, kernel: 3, padding: 1, groups: 2, bias: false }),
  maxPool1d: plain(maxPool1d, { kernel: 2 }),
  maxPool2d: plain(maxPool2d, { kernel: 2 }),
  'maxPool2d overlapping': plain(maxPool2d, { kernel: 3, stride: 2, padding: 1 }),
  averagePool1d: plain(averagePool1d, { kernel: 3, stride: 2 }),
  averagePool2d: plain(averagePool2d, { kernel: 3, stride: 2, padding: 1 }),
  'averagePool2d inside': plain(averagePool2d, { kernel: 2, padding: 1, countPadding: false }),
  globalAveragePool: plain(globalAveragePool, undefined),
  globalMaxPool: plain(globalMaxPool, undefined),
  batchNorm: named(batchNorm, {}),
  'batchNorm of features': named(batchNorm, { epsilon: 1e-3, momentum: 0.3 }),
  layerNorm: named(layerNorm, {}),
  'layerNorm of two axes': named(layerNorm, { axes: 2, epsilon: 1e-3 }),
  groupNorm: named(groupNorm, { groups: 2 }),
  instanceNorm: named(instanceNorm, {}),
  'instanceNorm affine': named(instanceNorm, { affine: true }),
  rmsNorm: named(rmsNorm, {}),
  embedding: (scope, { ids }) => ({ y: embedding(scope, 'layer', ids!, { count: 6, size: 3 }) }),
  'embedding with padding': (scope, { ids }) => ({
    y: embedding(scope, 'layer', ids!, { count: 6, size: 3, padding: 0 }),
  }),
  sinusoidalPositions: plain(sinusoidalPositions, undefined),
  lstm: recurrentLayer(lstm),
  'lstm deep': recurrentLayer(lstm, { layers: 2, bidirectional: true }),
  'lstm lengths': recurrentLayer(lstm, { bidirectional: true }),
  gru: recurrentLayer(gru),
  'gru deep': recurrentLayer(gru, { layers: 2, bidirectional: true }),
  'gru lengths': recurrentLayer(gru, { bidirectional: true }),
  attention: attention({ heads: 2 }),
  'attention causal': attention({ heads: 4, causal: true }),
  'attention lengths': attention({ heads: 2, causal: true }),
  'attention over memory': attention({ heads: 2 }),
  encoder: named(transformerEncoderLayer, shape),
  'encoder norm first': (scope, { x, mask }) => ({
    y: transformerEncoderLayer(scope, 'layer', x!, { ...normFirst, causal: true, mask: mask! }),
  }),
  decoder: (scope, { x, memory }) => ({
    y: transformerDecoderLayer(scope, 'layer', x!, { ...shape, memory: memory! }),
  }),
  'decoder norm first': (scope, { x, memory, memoryMask }) => ({
    y: transformerDecoderLayer(scope, 'layer', x!, { ...normFirst, memory: memory!, memoryMask: memoryMask! }),
  }),
  loraDense: named(loraDense, { units: 4, rank: 2, alpha: 6 }),
  prelu: named(prelu, {}),
  'prelu per channel': named(prelu, { perChannel: true }),
  gatedLinearUnit: plain(gatedLinearUnit, undefined),
  ...Object.fromEntries(ACTIVATIONS.map((kind) => [`activation ${kind}`, plain(activation, kind)])),
}

function expectClose(
  results: Results,
  expected: Readonly<Record<string, { readonly values: readonly number[] }>>,
): void {
  for (const [name, { values }] of Object.entries(expected)) {
    const found = results[name]
    expect(found?.length, name).toBe(values.length)
    const scale = Math.max(1, ...values.map(Math.abs))
    const worst = Math.max(...values.map((value, i) => Math.abs(found![i]! - value)))
    expect(worst / scale, `${name}: largest difference over largest value`).toBeLessThan(1e-5)
  }
}

const renamed = <Value>(values: Readonly<Record<string, Value>>, name: (key: string) => string) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [name(key), value]))

const firstRows = (values: GoldenLayers['inputs'], rows: number) =>
  Object.fromEntries(
    Object.entries(values).map(([name, { shape, values }]) => [
      name,
      { values: values.slice(0, (values.length / shape[0]!) * rows) },
    ]),
  )

describe("layers give what PyTorch's give", () => {
  it('covers every case of the fixture', () => {
    expect(Object.keys(LAYERS).sort()).toEqual(golden.cases.map(({ name }) => name).sort())
  })

  it.each(golden.cases)('$name', async (layer) => {
    const write = LAYERS[layer.name]!
    const inputs = Object.fromEntries(Object.entries(layer.inputs).map(([name, id]) => [name, golden.inputs[id]!]))
    for (const rows of [3, 2]) expectClose(await infer(layer, inputs, write, rows), firstRows(layer.inference, rows))
    const trained = await train(layer, inputs, write)
    expectClose(trained, layer.training ?? layer.inference)
    expectClose(
      trained,
      renamed(layer.gradients, (name) => `gradient:${name}`),
    )
    expectClose(
      trained,
      renamed(layer.updates, (name) => `update:layer.${name}`),
    )
  })
})
