import { floatAttribute, intAttribute } from '../../graph/attribute.ts'
import type { Operations } from '../../graph/operations.ts'
import type { TypedValue } from '../../graph/typed-value.ts'
import type { GradientRule } from '../gradient-rule.ts'

/** Y = A B over the last two axes; vectors gain the axis that numpy.matmul gives them and lose it again. */
export const matMul: GradientRule = ({ node, outputGradients: [gradient], needs, ops }) => {
  const [left, right] = [node.inputs[0]!, node.inputs[1]!]
  const a = left.shape.length === 1 ? ops.unsqueeze(left, [0]) : left
  const b = right.shape.length === 1 ? ops.unsqueeze(right, [1]) : right
  const dy = restoreAxes(gradient!, left, right, ops)
  return [
    needs(0) ? ops.reshapeLike(leftGradient(a, b, dy, ops), left) : undefined,
    needs(1) ? ops.reshapeLike(rightGradient(a, b, dy, ops), right) : undefined,
  ]
}

function restoreAxes(dy: TypedValue, left: TypedValue, right: TypedValue, ops: Operations): TypedValue {
  const withColumn = right.shape.length === 1 ? ops.unsqueeze(dy, [dy.shape.length]) : dy
  return left.shape.length === 1 ? ops.unsqueeze(withColumn, [withColumn.shape.length - 1]) : withColumn
}

const isMatrix = (value: TypedValue): boolean => value.shape.length === 2
const transposed = (value: TypedValue, ops: Operations): TypedValue =>
  ops.swapAxes(value, value.shape.length - 2, value.shape.length - 1)

/** dy B^T. Where all batches share one B, their rows are one matrix. */
function leftGradient(a: TypedValue, b: TypedValue, dy: TypedValue, ops: Operations): TypedValue {
  if (isMatrix(b)) return ops.gemm(rowsOf(dy, ops), b, { transB: true })
  return ops.sumTo(ops.matMul(dy, transposed(b, ops)), a.shape)
}

/** A^T dy, summed over the batches that share one B. */
function rightGradient(a: TypedValue, b: TypedValue, dy: TypedValue, ops: Operations): TypedValue {
  if (isMatrix(b)) return ops.gemm(rowsOf(a, ops), rowsOf(dy, ops), { transA: true })
  return ops.sumTo(ops.matMul(transposed(a, ops), dy), b.shape)
}

/** The rows of all batches, one below the other. */
function rowsOf(value: TypedValue, ops: Operations): TypedValue {
  if (isMatrix(value)) return value
  const width = value.shape.at(-1)!
  if (typeof width === 'string') return ops.node('Flatten', [value], { axis: { int: value.shape.length - 1 } })
  return ops.reshape(value, [-1, width])
}

/** Y = alpha A' B' + beta C. */
export const gemm: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => {
  const [a, b, c] = node.inputs
  const isTransposed = (name: string): boolean => intAttribute(node.attributes, name, 0) !== 0
  const [transA, transB] = [isTransposed('transA'), isTransposed('transB')]
  const alpha = floatAttribute(node.attributes, 'alpha', 1)
  const beta = floatAttribute(node.attributes, 'beta', 1)
  const leftOf = (): TypedValue =>
    transA ? ops.gemm(b!, dy!, { alpha, transA: transB, transB: true }) : ops.gemm(dy!, b!, { alpha, transB: !transB })
  const rightOf = (): TypedValue =>
    transB ? ops.gemm(dy!, a!, { alpha, transA: true, transB: transA }) : ops.gemm(a!, dy!, { alpha, transA: !transA })
  return [
    needs(0) ? leftOf() : undefined,
    needs(1) ? rightOf() : undefined,
    needs(2) ? ops.scale(ops.sumTo(dy!, c!.shape), beta) : undefined,
  ]
}
