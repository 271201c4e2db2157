import { describe, expect, it } from 'vitest'
import { createRng } from '../../core/index.ts'
import type { GraphBuilder, ValueRef } from '../builder/builder.ts'
import { createGraphBuilder } from '../builder/graph-builder.ts'
import type { Attributes } from '../graph/attribute.ts'
import type { OnnxModel } from '../graph/model.ts'
import { encodeModel } from '../protobuf/model-proto.ts'
import { readModel } from '../protobuf/read-model.ts'
import { createSession } from '../session/session.ts'
import { floats, int64s, type TensorLiteral } from '../tensor.ts'
import { castModel } from './cast-model.ts'
import { foldConstants } from './fold-constants.ts'
import { fuseForInference } from './fuse-for-inference.ts'
import { removeDeadCode } from './remove-dead-code.ts'
import { upgradeOpset } from './upgrade-opset.ts'

const rng = createRng(5)
const random = (...shape: number[]): TensorLiteral =>
  floats(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => rng.normal()),
    shape,
  )
const positive = (...shape: number[]): TensorLiteral =>
  floats(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.5 + rng.next()),
    shape,
  )

/** A model of one input and one output; `shape` is the input's. */
function modelOf(
  shape: readonly (number | string)[],
  write: (g: GraphBuilder, x: ValueRef) => ValueRef,
  opset = 20,
): OnnxModel {
  const g = createGraphBuilder({ name: 'test', opset })
  g.output('y', write(g, g.input('x', 'float', shape)), 'float', [])
  return readModel(g.build())
}

async function run(model: OnnxModel, x: TensorLiteral): Promise<TensorLiteral> {
  await using session = await createSession(encodeModel(model))
  return (await session.run({ x }))['y']!
}

async function expectSame(before: OnnxModel, after: OnnxModel, x: TensorLiteral, tolerance = 1e-5): Promise<void> {
  const [a, b] = [await run(before, x), await run(after, x)]
  expect([b.type, b.shape]).toEqual([a.type, a.shape])
  const largest = Math.max(...Array.from(a.data as Float32Array, Math.abs))
  for (const [i, value] of (a.data as Float32Array).entries())
    expect(Math.abs((b.data[i] as number) - value)).toBeLessThanOrEqual(tolerance * largest)
}

const ops = ({ graph }: OnnxModel): string[] => graph.nodes.map(({ op }) => op)

describe('upgradeOpset', () => {
  const axes: Attributes = { axes: { ints: [-1] }, keepdims: { int: 0 } }
  const cases: [string, number, (g: GraphBuilder, x: ValueRef) => ValueRef][] = [
    ...(['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2'] as const).map(
      (op): [string, number, (g: GraphBuilder, x: ValueRef) => ValueRef] => [op, 13, (g, x) => g.node(op, [x], axes)],
    ),
    ['ReduceSumSquare', 17, (g, x) => g.node('ReduceSumSquare', [x], axes)],
    ['ReduceLogSumExp', 17, (g, x) => g.node('ReduceLogSumExp', [x], { keepdims: { int: 1 } })],
    ['Split', 13, (g, x) => g.nodeWithOutputs('Split', 2, [x], { axis: { int: 1 } })[1]!],
    [
      'BatchNormalization',
      13,
      (g, x) => g.node('BatchNormalization', [x, ...[1, 2, 3, 4].map(() => g.constant(positive(4)))]),
    ],
    ['Pad', 13, (g, x) => g.node('Pad', [x, g.constant(int64s([0, 1, 0, 0, 0, 2]))], {})],
  ]
  it.each(cases)('brings %s of opset %i to 20', async (_, opset, write) => {
    const before = modelOf(['N', 4, 3], write, opset)
    const after = upgradeOpset(before)
    expect(after.opsets).toEqual({ '': 20 })
    await expectSame(before, after, random(2, 4, 3))
  })

  it('leaves newer models alone and gives the standard operators their short name', () => {
    const model = modelOf([1], (g, x) => g.node('Neg', [x]), 21)
    const { nodes } = model.graph
    const longNames = {
      ...model,
      graph: { ...model.graph, nodes: nodes.map((node) => ({ ...node, domain: 'ai.onnx' })) },
    }
    expect(upgradeOpset({ ...longNames, opsets: { 'ai.onnx': 21 } })).toEqual(model)
    expect(() => upgradeOpset({ ...model, opsets: { '': 12 } })).toThrow(/opset 12; export it with opset 13/)
  })
})

describe('removeDeadCode', () => {
  it('drops what no output depends on', () => {
    const model = modelOf([2], (g, x) => {
      g.node('Mul', [x, g.constant(random(2))])
      return g.node('Neg', [x])
    })
    const lean = removeDeadCode(model)
    expect([ops(lean), lean.graph.initializers]).toEqual([['Neg'], []])
    expect(ops(model)).toEqual(['Mul', 'Neg'])
  })
})

describe('foldConstants', () => {
  it('computes what hangs on weights alone', async () => {
    const model = modelOf(['N', 3], (g, x) => {
      const w = g.node('Transpose', [g.node('Neg', [g.constant(random(5, 3))])], { perm: { ints: [1, 0] } })
      return g.node('MatMul', [x, w])
    })
    const folded = foldConstants(model)
    expect(ops(folded)).toEqual(['MatMul'])
    expect(folded.graph.initializers.map(({ shape }) => shape)).toEqual([[3, 5]])
    await expectSame(model, folded, random(2, 3))
  })

  it('does not blow models up', () => {
    const model = modelOf([1], (g, x) =>
      g.node('Add', [x, g.node('ConstantOfShape', [g.constant(int64s([100, 100]))])]),
    )
    expect(ops(foldConstants(model))).toEqual(['ConstantOfShape', 'Add'])
  })

  it('names the node that cannot be computed', () => {
    const model = modelOf([1], (g, x) =>
      g.node('Add', [x, g.node('MatMul', [g.constant(random(2, 3)), g.constant(random(2, 3))])]),
    )
    expect(() => foldConstants(model)).toThrow(/node '\/MatMul_0' \(MatMul\): /)
  })
})

describe('fuseForInference', () => {
  const perm = (...order: number[]): Attributes => ({ perm: { ints: order } })
  const normalize = (g: GraphBuilder, x: ValueRef, channels: number): ValueRef =>
    g.node('BatchNormalization', [x, ...[random, random, random, positive].map((make) => g.constant(make(channels)))])
  const cases: [string, string[], number[], (g: GraphBuilder, x: ValueRef) => ValueRef][] = [
    [
      'normalization into a convolution with bias',
      ['Conv', 'Relu'],
      [2, 3, 6, 6],
      (g, x) =>
        g.node('Relu', [normalize(g, g.node('Conv', [x, g.constant(random(4, 3, 3, 3)), g.constant(random(4))]), 4)]),
    ],
    [
      'normalization into a grouped convolution without bias',
      ['Conv'],
      [2, 4, 6],
      (g, x) => normalize(g, g.node('Conv', [x, g.constant(random(4, 2, 3))], { group: { int: 2 } }), 4),
    ],
    [
      'a convolution that is read twice stays',
      ['Conv', 'BatchNormalization', 'Add'],
      [1, 2, 5, 5],
      (g, x) => {
        const conv = g.node('Conv', [x, g.constant(random(2, 2, 1, 1))])
        return g.node('Add', [normalize(g, conv, 2), conv])
      },
    ],
    [
      'orders of axes into one',
      ['Transpose'],
      [2, 3, 4],
      (g, x) => g.node('Transpose', [g.node('Transpose', [x], perm(1, 0, 2))], perm(2, 0, 1)),
    ],
    [
      'orders of axes that undo each other',
      ['Neg'],
      [2, 3, 4],
      (g, x) => g.node('Neg', [g.node('Transpose', [g.node('Transpose', [x], perm(1, 2, 0))], perm(2, 0, 1))]),
    ],
    [
      'reshapes into the last',
      ['Reshape'],
      [2, 3, 4],
      (g, x) => g.node('Reshape', [g.node('Reshape', [x, g.constant(int64s([6, 4]))]), g.constant(int64s([-1, 2]))]),
    ],
    [
      'casts to one type, dropout and identities away',
      ['Abs'],
      [2, 3],
      (g, x) => {
        const same = g.node('Dropout', [g.node('Identity', [x])])
        return g.node('Abs', [g.node('Identity', [same])])
      },
    ],
    [
      'products of matrices and a sum into Gemm',
      ['Gemm', 'Relu', 'Gemm'],
      [2, 3],
      (g, x) => {
        const hidden = g.node('Add', [g.node('MatMul', [x, g.constant(random(3, 5))]), g.constant(random(5))])
        return g.node('Add', [
          g.constant(random(1, 2)),
          g.node('MatMul', [g.node('Relu', [hidden]), g.constant(random(5, 2))]),
        ])
      },
    ],
    [
      'products of batches stay',
      ['MatMul', 'Add'],
      [2, 4, 3],
      (g, x) => g.node('Add', [g.node('MatMul', [x, g.constant(random(3, 5))]), g.constant(random(5))]),
    ],
    [
      'sums that stretch the product stay',
      ['MatMul', 'Add'],
      [1, 3],
      (g, x) => g.node('Add', [g.node('MatMul', [x, g.constant(random(3, 5))]), g.constant(random(4, 5))]),
    ],
  ]
  it.each(cases)('takes %s', async (_, wanted, shape, write) => {
    const before = modelOf(shape, write)
    const after = fuseForInference(before)
    expect(ops(after)).toEqual(wanted)
    await expectSame(before, after, random(...shape))
  })

  it('works around operators that it does not know', () => {
    const g = createGraphBuilder({ name: 'other', opset: 20 })
    const codes = g.node('LabelEncoder', [g.input('x', 'string', ['N'])], {}, { domain: 'ai.onnx.ml' })
    g.output('y', g.node('Identity', [g.node('Identity', [codes])]), 'float', ['N'])
    expect(ops(fuseForInference(readModel(g.build())))).toEqual(['LabelEncoder', 'Identity'])
  })
})

describe('castModel', () => {
  const network = () =>
    modelOf(['N', 8], (g, x) => {
      const hidden = g.node('Gelu', [g.node('MatMul', [x, g.constant(random(8, 16))])])
      const normal = g.node('LayerNormalization', [hidden, g.constant(positive(16)), g.constant(random(16))])
      return g.node('Softmax', [
        g.node('Add', [g.node('MatMul', [normal, g.constant(random(16, 4))]), g.constant(random(4))]),
      ])
    })

  it('halves weights, keeps what is fragile, and gives nearly the same', async () => {
    const model = network()
    const half = castModel(model)
    const weights = new Map(half.graph.initializers.map(({ shape, type }) => [shape.join('x'), type]))
    expect(weights).toEqual(
      new Map([
        ['8x16', 'float16'],
        ['16', 'float'],
        ['16x4', 'float16'],
        ['4', 'float16'],
      ]),
    )
    expect(half.graph.inputs[0]).toEqual({ name: 'x', type: 'float', shape: ['N', 8] })
    await expectSame(model, half, random(5, 8), 5e-3)
  })

  it('takes and gives half precision where asked', async () => {
    const half = castModel(network(), { keepsInterface: false })
    expect([half.graph.inputs[0]?.type, half.graph.outputs[0]?.type]).toEqual(['float16', 'float16'])
    const ones = Uint16Array.from({ length: 8 }, () => 0x3c00)
    expect((await run(half, { type: 'float16', shape: [1, 8], data: ones })).shape).toEqual([1, 4])
  })

  it('keeps masks finite', async () => {
    const masked = modelOf([2], (g, x) => g.node('Add', [x, g.constant(floats([0, -1e9]))]))
    const { data } = await run(castModel(masked), floats([1, 0]))
    expect(Array.from(data as Float32Array)).toEqual([1, -65504])
  })
})
