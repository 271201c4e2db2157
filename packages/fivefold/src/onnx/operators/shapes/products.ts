import { intAttribute } from '../../graph/attribute.ts'
import { type NodeSignature, required } from '../../graph/typed-value.ts'
import type { Dimension } from '../../tensor.ts'
import { broadcastShapes, mayEqual, shapeText } from '../dimensions.ts'
import { invalid } from '../graph-errors.ts'
import { checkOneType, requiredRankFrom } from './operands.ts'
import type { ShapeRule } from './shape-rule.ts'

/** numpy.matmul: batches broadcast, vectors gain and lose an axis. */
export const matMul: ShapeRule = (node) => {
  const left = requiredRankFrom(node, 0, 1)
  const right = requiredRankFrom(node, 1, 1)
  checkOneType(node, [0, 1])
  const a = left.shape.length === 1 ? [1, ...left.shape] : left.shape
  const b = right.shape.length === 1 ? [...right.shape, 1] : right.shape
  checkInner(node, a.at(-1)!, b.at(-2)!)
  const rows = left.shape.length === 1 ? [] : [a.at(-2)!]
  const columns = right.shape.length === 1 ? [] : [b.at(-1)!]
  return [{ type: left.type, shape: [...broadcastShapes(a.slice(0, -2), b.slice(0, -2)), ...rows, ...columns] }]
}

/** Y = alpha A' B' + beta C over matrices. */
export const gemm: ShapeRule = (node) => {
  const [a, b] = [required(node, 0), required(node, 1)]
  const [rows, inner] = oriented(a.shape, intAttribute(node.attributes, 'transA', 0) !== 0)
  const [innerB, columns] = oriented(b.shape, intAttribute(node.attributes, 'transB', 0) !== 0)
  checkInner(node, inner, innerB)
  checkOneType(node, [0, 1, 2])
  checkAddend(node, [rows, columns])
  return [{ type: a.type, shape: [rows, columns] }]
}

function oriented(shape: readonly Dimension[], transposed: boolean): [Dimension, Dimension] {
  const [rows, columns] = shape
  if (rows === undefined || columns === undefined || shape.length !== 2)
    throw invalid(`Gemm takes matrices, got ${shapeText(shape)}`)
  return transposed ? [columns, rows] : [rows, columns]
}

function checkInner(node: NodeSignature, a: Dimension, b: Dimension): void {
  if (!mayEqual(a, b)) throw invalid(`${node.op} cannot multiply: inner sizes are ${a} and ${b}`)
}

/** C stretches to the product, never the other way round. */
function checkAddend(node: NodeSignature, product: readonly Dimension[]): void {
  const addend = node.inputs[2]
  if (addend === undefined) return
  const stretched = broadcastShapes(product, addend.shape)
  if (stretched.length === 2 && stretched.every((size, axis) => mayEqual(size, product[axis]!))) return
  throw invalid(`Gemm cannot stretch ${shapeText(addend.shape)} to ${shapeText(product)}`)
}
