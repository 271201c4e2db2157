import { intAttribute } from '../../graph/attribute.ts'
import { constantInts, type NodeSignature, required } from '../../graph/typed-value.ts'
import type { Dimension } from '../../tensor.ts'
import { frontAxes } from '../dimensions.ts'
import { invalid } from '../graph-errors.ts'
import { likeFirst } from './elementwise.ts'
import { axisOf, checkType, listLength, requiredRankFrom, unknownSizes, withSize } from './operands.ts'
import type { ShapeRule } from './shape-rule.ts'

/** ReduceSum and its kind: axes are the second input; without axes all of them, or none where the node says so. */
export const reduction: ShapeRule = (node) => {
  const { type, shape } = required(node, 0)
  checkType(node, 1, 'int64')
  const keep = intAttribute(node.attributes, 'keepdims', 1) !== 0
  const axes = node.inputs[1] === undefined ? [] : constantInts(node.inputs[1])
  if (axes === undefined) return [{ type, shape: unknownSizes(shape.length - (keep ? 0 : listLength(node, 1))) }]
  if (axes.length === 0 && intAttribute(node.attributes, 'noop_with_empty_axes', 0) !== 0) return [{ type, shape }]
  const reduced = axes.length === 0 ? [...shape.keys()] : frontAxes(axes, shape.length)
  return [{ type, shape: withoutAxes(shape, reduced, keep) }]
}

const withoutAxes = (shape: readonly Dimension[], axes: readonly number[], keep: boolean): Dimension[] =>
  keep ? shape.map((size, axis) => (axes.includes(axis) ? 1 : size)) : shape.filter((_, axis) => !axes.includes(axis))

/** ArgMax, ArgMin: one index along an axis. */
export const extremeIndex: ShapeRule = (node) => {
  const { shape } = requiredRankFrom(node, 0, 1)
  const keep = intAttribute(node.attributes, 'keepdims', 1) !== 0
  return [{ type: 'int64', shape: withoutAxes(shape, [axisOf(node, 0, shape)], keep) }]
}

/** Softmax and its kind: an axis of the input, whose shape stays. */
export const alongLastAxis: ShapeRule = (node) => {
  const { shape } = required(node, 0)
  if (shape.length > 0) axisOf(node, -1, shape)
  return likeFirst(node)
}

/** CumSum: the axis is an input. */
export const cumulative: ShapeRule = (node) => {
  const { shape } = requiredRankFrom(node, 0, 1)
  const axis = constantInts(required(node, 1))
  if (axis) frontAxes(axis, shape.length)
  return likeFirst(node)
}

/** The k largest or smallest, and where they stand. */
export const topK: ShapeRule = (node) => {
  const { type, shape } = requiredRankFrom(node, 0, 1)
  const axis = axisOf(node, -1, shape)
  const picked = withSize(shape, axis, wantedCount(node, shape[axis]!))
  return [
    { type, shape: picked },
    { type: 'int64', shape: picked },
  ]
}

function wantedCount(node: NodeSignature, available: Dimension): Dimension {
  const k = constantInts(required(node, 1))?.[0]
  if (k === undefined) return ''
  if (k < 0 || (typeof available === 'number' && k > available))
    throw invalid(`TopK cannot pick ${k} of ${available} values`)
  return k
}
