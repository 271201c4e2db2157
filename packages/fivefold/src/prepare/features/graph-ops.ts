import type { GraphBuilder, TensorLiteral, ValueRef } from '../../onnx/index.ts'
import type { TransformGraphInput } from './transform.ts'

/** TensorProto.DataType for Cast. */
const CAST_CODES = { float: 1, int64: 7, double: 11 } as const

export const cast = (b: GraphBuilder, value: ValueRef, to: keyof typeof CAST_CODES): ValueRef =>
  b.node('Cast', [value], { to: { int: CAST_CODES[to] } })

export const doubles = (b: GraphBuilder, shape: readonly number[], values: Iterable<number>): ValueRef =>
  b.constant({ type: 'double', shape, data: Float64Array.from(values) })

export const double = (b: GraphBuilder, value: number): ValueRef => doubles(b, [], [value])

export const int64s = (b: GraphBuilder, values: readonly number[], scalar = false): ValueRef =>
  b.constant(int64Literal(values, scalar ? [] : [values.length]))

const int64Literal = (values: readonly number[], shape: readonly number[]): TensorLiteral => ({
  type: 'int64',
  shape,
  data: BigInt64Array.from(values, BigInt),
})

/** One value passes as it is. */
export const concat = (b: GraphBuilder, values: readonly ValueRef[], axis = 1): ValueRef =>
  values.length === 1 ? values[0]! : b.node('Concat', values, { axis: { int: axis } })

export const squeeze = (b: GraphBuilder, value: ValueRef, axis: number): ValueRef =>
  b.node('Squeeze', [value, int64s(b, [axis])])

/** `value` where |value| <= limit, else `otherwise`; NaN and infinities fail the comparison. */
export function within(b: GraphBuilder, value: ValueRef, limit: number, otherwise: ValueRef): ValueRef {
  return b.node('Where', [isWithin(b, value, limit), value, otherwise])
}

export const isWithin = (b: GraphBuilder, value: ValueRef, limit: number): ValueRef =>
  b.node('LessOrEqual', [b.node('Abs', [value]), double(b, limit)])

/**
 * Raw numeric columns side by side as [N, columns]: those of one tensor type are joined first and converted at once.
 * `fromDouble` treats the block of `double` columns, whose places in the result it is given.
 */
export function joinNumbers(
  b: GraphBuilder,
  parts: readonly TransformGraphInput[],
  to: 'float' | 'double',
  fromDouble: (block: ValueRef, start: number, end: number) => ValueRef,
): ValueRef {
  const blocks: ValueRef[] = []
  for (let start = 0; start < parts.length; ) {
    const tensor = parts[start]!.column.tensor
    let end = start
    while (end < parts.length && parts[end]!.column.tensor === tensor) end++
    const block = concat(
      b,
      parts.slice(start, end).map(({ raw }) => raw),
    )
    blocks.push(tensor === 'double' ? fromDouble(block, start, end) : cast(b, block, to))
    start = end
  }
  return concat(b, blocks)
}
