import type { Operations } from '../graph/operations.ts'
import { fixedShape, type TypedValue } from '../graph/typed-value.ts'
import { elementCount } from '../tensor.ts'

/** Up to this many rows a product with one-hot vectors beats the runtime's scatter, which takes 10 ns an element. */
const ONE_HOT_ROWS = 128

/**
 * Sums rows by index, the derivative of taking rows: result[indices[i]] += updates[i].
 *
 * ScatterND with reduction 'add' would be three times faster than ScatterElements, but with more than one thread it loses
 * updates of rows that occur twice (ONNX Runtime 1.30 adds without a lock), so it must not be used here.
 *
 * @param rows number of rows of the result
 * @param indices [n], negative ones count from the end
 * @param updates [n, width]
 * @returns [rows, width]
 */
export function addRows(rows: number, indices: TypedValue, updates: TypedValue, ops: Operations): TypedValue {
  const [count, width] = fixedShape(updates) as [number, number]
  if (rows <= ONE_HOT_ROWS) return ops.gemm(oneHot(indices, rows, updates, ops), updates, { transA: true })
  const wide = ops.node('Expand', [ops.reshape(indices, [count, 1]), ops.ints([count, width])])
  const zeros = ops.zeros([rows, width], updates.type)
  return ops.node('ScatterElements', [zeros, wide, updates], { axis: { int: 0 }, reduction: { string: 'add' } })
}

function oneHot(indices: TypedValue, rows: number, like: TypedValue, ops: Operations): TypedValue {
  const levels = ops.concat([ops.scalar(0, like, [1]), ops.scalar(1, like, [1])], 0)
  return ops.node('OneHot', [
    indices,
    ops.graph.constant({ type: 'int64', shape: [], data: BigInt64Array.of(BigInt(rows)) }),
    levels,
  ])
}

/**
 * The derivative of taking from one axis: sums the slices of `updates` into `size` slices by index.
 *
 * @param indices any shape; its axes stand at `axis` in `updates`
 */
export function addRowsAlong(
  axis: number,
  size: number,
  indices: TypedValue,
  updates: TypedValue,
  ops: Operations,
): TypedValue {
  const shape = fixedShape(updates)
  const taken = fixedShape(indices)
  const count = elementCount(taken)
  const before = shape.slice(0, axis)
  const after = shape.slice(axis + taken.length)
  const apart = ops.reshape(updates, [elementCount(before), count, elementCount(after)])
  const rows = ops.reshape(ops.swapAxes(apart, 0, 1), [count, elementCount(before) * elementCount(after)])
  const summed = addRows(size, ops.reshape(indices, [count]), rows, ops)
  const back = ops.swapAxes(ops.reshape(summed, [size, elementCount(before), elementCount(after)]), 0, 1)
  return ops.reshape(back, [...before, size, ...after])
}
