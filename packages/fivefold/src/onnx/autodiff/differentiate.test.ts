import { describe, expect, it } from 'vitest'
import type { OnnxModel } from '../graph/model.ts'
import { createTypedGraph } from '../graph/typed-graph.ts'
import { encodeModel } from '../protobuf/model-proto.ts'
import { readModel } from '../protobuf/read-model.ts'
import { createSession } from '../session/session.ts'
import { floats, int64s, type TensorLiteral } from '../tensor.ts'
import { differentiate } from './differentiate.ts'

const waves = (count: number, offset: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.sin(i * 1.7 + offset))
const values = (shape: readonly number[], offset = 0): TensorLiteral =>
  floats(
    waves(
      shape.reduce((a, b) => a * b, 1),
      offset,
    ),
    shape,
  )

/** What an exporter gives: conv, batch norm with running statistics, relu, dropout, dense; the batch has no fixed size. */
function exported(): OnnxModel {
  const graph = createTypedGraph({ name: 'exported' })
  const weight = (name: string, literal: TensorLiteral) => graph.initializer(name, literal)
  const x = graph.input('image', 'float', ['N', 1, 6, 6])
  const conv = graph.node('Conv', [x, weight('conv.weight', values([2, 1, 3, 3])), weight('conv.bias', values([2], 1))])
  const statistics = [weight('bn.mean', floats([0.1, -0.2])), weight('bn.var', floats([1.5, 0.7]))]
  const scales = [weight('bn.weight', floats([1.1, 0.9])), weight('bn.bias', floats([0.2, 0.1]))]
  const normal = graph.node('BatchNormalization', [conv, ...scales, ...statistics])
  const pooled = graph.node('MaxPool', [graph.node('Relu', [normal])], {
    kernel_shape: { ints: [2, 2] },
    strides: { ints: [2, 2] },
  })
  const flat = graph.node('Flatten', [pooled])
  const dropped = graph.node('Dropout', [flat, graph.constant(floats([0.25], []))], {}, 'dropout')
  const dense = [weight('dense.weight', values([3, 8], 2)), weight('dense.bias', values([3], 3))]
  graph.output('logits', graph.node('Gemm', [dropped, ...dense], { transB: { int: 1 } }))
  return readModel(encodeModel(graph.build()))
}

const labels = int64s([0, 2, 1, 1])
const crossEntropy: Parameters<typeof differentiate>[1]['loss'] = (graph, outputs) =>
  graph.node('SoftmaxCrossEntropyLoss', [outputs.get('logits'), graph.input('label', 'int64', [4])])

const weightsOf = (model: OnnxModel): Map<string, TensorLiteral> =>
  new Map(model.graph.initializers.map(({ name, read }) => [name, read()]))

async function run(model: OnnxModel, feeds: Record<string, TensorLiteral>): Promise<Record<string, TensorLiteral>> {
  await using session = await createSession(encodeModel(model))
  return await session.run(feeds)
}

const nudged = (literal: TensorLiteral, at: number, by: number): TensorLiteral =>
  floats(
    Array.from(literal.data as Float32Array, (value, i) => value + (i === at ? by : 0)),
    literal.shape,
  )

describe('differentiate', () => {
  const model = exported()
  const image = values([4, 1, 6, 6], 5)

  it('gives loss, outputs and the gradients of the weights, which are fed', async () => {
    const step = differentiate(model, {
      wrt: (name) => !name.includes('bn.'),
      loss: crossEntropy,
      dimensions: { N: 4 },
    })
    expect([...step.gradients]).toEqual(
      ['conv.weight', 'conv.bias', 'dense.weight', 'dense.bias'].map((name) => [name, `gradient:${name}`]),
    )
    expect(step.seed).toBeUndefined()
    const weights = weightsOf(model)
    const feeds: Record<string, TensorLiteral> = { image, label: labels }
    for (const name of step.gradients.keys()) feeds[name] = weights.get(name)!
    const result = await run(step.model, feeds)
    expect(result.logits?.shape).toEqual([4, 3])
    for (const [name, output] of step.gradients) {
      const lossAt = async (by: number): Promise<number> =>
        Number((await run(step.model, { ...feeds, [name]: nudged(feeds[name]!, 1, by) })).loss!.data[0])
      const slope = ((await lossAt(0.002)) - (await lossAt(-0.002))) / 0.004
      expect(Number(result[output]!.data[1])).toBeCloseTo(slope, 3)
    }
  })

  it('gives the gradient of an output in an input', async () => {
    const saliency = differentiate(model, {
      wrt: ['image'],
      loss: (graph, outputs) => {
        const second = graph.node('Gather', [outputs.get('logits'), graph.constant(int64s([1], []))], {
          axis: { int: 1 },
        })
        return graph.node('ReduceSum', [second], { keepdims: { int: 0 } })
      },
      outputs: [],
      dimensions: { N: 4 },
    })
    const result = await run(saliency.model, { image })
    expect(Object.keys(result).sort()).toEqual(['gradient:image', 'loss'])
    const at = 40
    const lossAt = async (by: number): Promise<number> =>
      Number((await run(saliency.model, { image: nudged(image, at, by) })).loss!.data[0])
    expect(Number(result['gradient:image']!.data[at])).toBeCloseTo(
      ((await lossAt(0.002)) - (await lossAt(-0.002))) / 0.004,
      3,
    )
  })

  it('trains batch norm on the batch and drops by a fed seed', async () => {
    const step = differentiate(model, {
      wrt: ['dense.weight', 'bn.weight'],
      loss: crossEntropy,
      dimensions: { N: 4 },
      training: true,
    })
    expect(step.seed).toBe('dropout_seed')
    expect(step.batchStatistics).toEqual([
      {
        mean: { running: 'bn.mean', output: 'batch:bn.mean' },
        variance: { running: 'bn.var', output: 'batch:bn.var' },
        count: 64,
        momentum: expect.closeTo(0.9),
      },
    ])
    const weights = weightsOf(model)
    const feeds = {
      image,
      label: labels,
      'dense.weight': weights.get('dense.weight')!,
      'bn.weight': weights.get('bn.weight')!,
    }
    const seeded = (seed: number) =>
      run(step.model, { ...feeds, dropout_seed: { type: 'int32', shape: [], data: Int32Array.of(seed) } })
    const [first, again, other] = [await seeded(7), await seeded(7), await seeded(8)]
    expect(first).toEqual(again)
    expect(other.loss).not.toEqual(first.loss)
    expect(other['batch:bn.mean']).toEqual(first['batch:bn.mean'])
    const convolved = await run(convolutionOf(model), { image })
    expectMoments(convolved.y!, first['batch:bn.mean']!, first['batch:bn.var']!)
  })

  it('says what is wrong with a name', () => {
    const fails = (options: Partial<Parameters<typeof differentiate>[1]>) => () =>
      differentiate(model, { wrt: ['image'], loss: crossEntropy, dimensions: { N: 4 }, ...options })
    expect(fails({ wrt: ['imge'] })).toThrow(/no weight or input 'imge'.*image/)
    expect(fails({ loss: 'logit' })).toThrow(/no value 'logit'.*logits/)
    expect(fails({ loss: 'logits' })).toThrow(/must be one number, got \[4, 3\]/)
    expect(fails({ outputs: ['probabilities'] })).toThrow(/no output 'probabilities'/)
    expect(fails({ wrt: ['image'], loss: (graph) => graph.input('apart', 'float', []) })).toThrow(
      /does not depend on 'image'/,
    )
    expect(fails({ dimensions: {} })).toThrow(/the size 'N' of .* must be fixed here/)
  })
})

/** The values that batch norm sees. */
function convolutionOf(model: OnnxModel): OnnxModel {
  const weights = weightsOf(model)
  const graph = createTypedGraph({ name: 'conv' })
  const kernels = ['conv.weight', 'conv.bias'].map((name) => graph.constant(weights.get(name)!))
  graph.output('y', graph.node('Conv', [graph.input('image', 'float', [4, 1, 6, 6]), ...kernels]))
  return graph.build()
}

function expectMoments(y: TensorLiteral, mean: TensorLiteral, variance: TensorLiteral): void {
  for (const channel of [0, 1]) {
    const own = Array.from(y.data, Number).filter((_, i) => Math.floor(i / 16) % 2 === channel)
    const average = own.reduce((sum, value) => sum + value, 0) / own.length
    const spread = own.reduce((sum, value) => sum + (value - average) ** 2, 0) / own.length
    expect(Number(mean.data[channel])).toBeCloseTo(average, 5)
    expect(Number(variance.data[channel])).toBeCloseTo(spread, 5)
  }
}
