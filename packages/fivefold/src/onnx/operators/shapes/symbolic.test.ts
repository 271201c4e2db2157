import { describe, expect, it } from 'vitest'
import type { Attributes } from '../../graph/attribute.ts'
import type { TypedValue } from '../../graph/typed-value.ts'
import { type Dimension, int64s } from '../../tensor.ts'
import type { OperatorName } from '../catalogue.ts'
import { SHAPE_RULES } from './shape-rules.ts'

const x = (...shape: Dimension[]): TypedValue => ({ name: 'x', type: 'float', shape })
const ints = (...values: number[]): TypedValue => {
  const constant = int64s(values)
  return { name: 'ints', type: 'int64', shape: constant.shape, constant }
}
const scalar = (value: number): TypedValue => ({ ...ints(), shape: [], constant: int64s([value], []) })

function shapesOf(
  op: OperatorName,
  inputs: readonly (TypedValue | undefined)[],
  attributes: Attributes = {},
  outputCount = 1,
): readonly (readonly Dimension[])[] {
  return SHAPE_RULES[op]({ op, inputs, attributes, outputCount, opset: 20 })
    .slice(0, outputCount)
    .map(({ shape }) => shape)
}

describe('sizes that are known only when the graph runs', () => {
  it('stay through layers', () => {
    const kernel = { ...x(8, 3, 3, 3), name: 'w' }
    expect(shapesOf('Conv', [x('N', 3, 32, 32), kernel])).toEqual([['N', 8, 30, 30]])
    expect(shapesOf('Conv', [x('N', 3, 'H', 32), kernel], { pads: { ints: [1, 1, 1, 1] } })).toEqual([
      ['N', 8, 'H', 32],
    ])
    expect(shapesOf('Conv', [x('N', 3, 'H', 32), kernel])).toEqual([['N', 8, '', 30]])
    expect(shapesOf('MatMul', [x('N', 12, 7, 64), x(64, 5)])).toEqual([['N', 12, 7, 5]])
    expect(shapesOf('LSTM', [x('T', 'N', 3), x(1, 32, 3), x(1, 32, 8)], {}, 3)).toEqual([
      ['T', 1, 'N', 8],
      [1, 'N', 8],
      [1, 'N', 8],
    ])
  })

  it('stay through Reshape by 0, by -1, and where they cancel', () => {
    expect(shapesOf('Reshape', [x('N', 4, 8), ints(0, -1)])).toEqual([['N', 32]])
    expect(shapesOf('Reshape', [x('N', 4, 8), ints(-1, 32)])).toEqual([['N', 32]])
    expect(shapesOf('Reshape', [x('N', 4, 8), ints(-1, 16)])).toEqual([['2*N', 16]])
    expect(shapesOf('Reshape', [x('N', 4, 8), ints(-1, 24)])).toEqual([['', 24]])
    expect(shapesOf('Reshape', [x('N', '', 8), ints(0, 0, 2, -1)])).toEqual([['N', '', 2, '']])
    expect(shapesOf('Flatten', [x('N', 4, 8)])).toEqual([['N', 32]])
  })

  it('stay where other axes are cut, joined or padded', () => {
    expect(shapesOf('Concat', [x('N', 4), x('N', 8)], { axis: { int: 1 } })).toEqual([['N', 12]])
    expect(shapesOf('Concat', [x('N', 4), x('', 4), x(3, 4)], { axis: { int: 0 } })).toEqual([['', 4]])
    expect(shapesOf('Concat', [x('', 4), x('N', 8)], { axis: { int: -1 } })).toEqual([['N', 12]])
    expect(shapesOf('Split', [x('N', 9), ints(4, 5)], { axis: { int: 1 } }, 2)).toEqual([
      ['N', 4],
      ['N', 5],
    ])
    expect(shapesOf('Slice', [x('N', 9), ints(0, 2), ints(2 ** 40, -1), ints(0, 1)])).toEqual([['N', 6]])
    expect(shapesOf('Pad', [x('N', 9), ints(0, 1, 0, 1)])).toEqual([['N', 11]])
    expect(shapesOf('Gather', [x('N', 9), scalar(0)], { axis: { int: 1 } })).toEqual([['N']])
  })

  it('broadcast only where that is certain', () => {
    expect(shapesOf('Add', [x('N', 1), x('N', 5)])).toEqual([['N', 5]])
    expect(shapesOf('Add', [x('N'), x('M')])).toEqual([['']])
    expect(shapesOf('Add', [x('N'), x(4)])).toEqual([[4]])
    expect(shapesOf('Add', [x('N'), x(1)])).toEqual([['N']])
  })

  it('leave the rank where a shape is computed', () => {
    const computed: TypedValue = { name: 'shape', type: 'int64', shape: [3] }
    expect(shapesOf('Reshape', [x('N', 4), computed])).toEqual([['', '', '']])
    expect(shapesOf('Expand', [x(4), computed])).toEqual([['', '', 4]])
    expect(shapesOf('ConstantOfShape', [computed])).toEqual([['', '', '']])
    expect(shapesOf('Range', [{ ...x(), type: 'int64' }, scalar(5), scalar(1)])).toEqual([['']])
  })
})

describe('errors of shape rules', () => {
  const cases: [string, OperatorName, (TypedValue | undefined)[], Attributes, RegExp][] = [
    ['shapes', 'Add', [x(2, 3), x(4)], {}, /shapes \[2, 3\] and \[4\] do not broadcast/],
    ['types', 'Add', [x(2), ints(1, 2)], {}, /one type, got float and int64/],
    ['inner sizes', 'MatMul', [x(2, 3), x(4, 2)], {}, /inner sizes are 3 and 4/],
    ['counts', 'Reshape', [x(2, 3), ints(4, 2)], {}, /cannot turn \[2, 3\] into \[4, 2\]/],
    ['rest', 'Reshape', [x(2, 3), ints(4, -1)], {}, /cannot turn \[2, 3\] into \[4, -1\]/],
    ['axes', 'ReduceSum', [x(2, 3), ints(2)], {}, /axis 2 is outside a tensor of rank 2/],
    ['axes twice', 'ReduceSum', [x(2, 3), ints(1, -1)], {}, /name one axis twice/],
    ['order', 'Transpose', [x(2, 3)], { perm: { ints: [0, 0] } }, /one axis twice/],
    ['channels', 'Conv', [x(1, 3, 8, 8), x(4, 2, 3, 3)], {}, /3 channels in 1 groups does not fit/],
    ['window', 'Conv', [x(1, 3, 2, 2), x(4, 3, 3, 3)], {}, /window of 3 over 2/],
    ['parts', 'Split', [x(5), ints(2, 2)], {}, /cannot cut 5 into \[2, 2\]/],
    ['updates', 'ScatterND', [x(4, 3), { ...ints(), shape: [2, 1] }, x(2, 4)], {}, /updates \[2, 3\], got \[2, 4\]/],
    ['labels', 'SoftmaxCrossEntropyLoss', [x(4, 3), { ...ints(), shape: [5] }], {}, /labels \[4\], got \[5\]/],
    ['missing', 'Gemm', [x(2, 2)], {}, /Gemm needs an input 1/],
    ['unknown', 'Squeeze', [x('N', 1)], {}, /must name its axes/],
    ['letters', 'Einsum', [x(2, 3)], { equation: { string: 'ij->ik' } }, /has 'k', which no input has/],
  ]
  it.each(cases)('name the wrong %s', (_, op, inputs, attributes, message) => {
    const outputCount = op === 'Split' ? 2 : 1
    expect(() => shapesOf(op, inputs, attributes, outputCount)).toThrow(message)
  })
})
