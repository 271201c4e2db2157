import { intsAttribute } from '../../graph/attribute.ts'
import type { NodeSignature, ValueType } from '../../graph/typed-value.ts'
import { invalid } from '../graph-errors.ts'
import { requiredRankFrom } from './operands.ts'
import type { ShapeRule } from './shape-rule.ts'
import { slidSize, windowOf } from './windows.ts'

/** AveragePool, LpPool: X [N, C, spatial]. */
export const pool: ShapeRule = (node) => [pooled(node)]

/** MaxPool: the largest values, and where they stand. */
export const maxPool: ShapeRule = (node) => {
  const values = pooled(node)
  return [values, { type: 'int64', shape: values.shape }]
}

function pooled(node: NodeSignature): ValueType {
  const { type, shape } = requiredRankFrom(node, 0, 3)
  const kernel = intsAttribute(node.attributes, 'kernel_shape', [])
  const spatial = shape.slice(2)
  if (kernel.length !== spatial.length)
    throw invalid(`${node.op} needs a kernel_shape of ${spatial.length} sizes, got [${kernel.join(', ')}]`)
  const window = windowOf(node, kernel)
  return { type, shape: [...shape.slice(0, 2), ...spatial.map((size, axis) => slidSize(node, size, window, axis))] }
}

/** One value a channel. */
export const globalPool: ShapeRule = (node) => {
  const { type, shape } = requiredRankFrom(node, 0, 3)
  return [{ type, shape: shape.map((size, axis) => (axis < 2 ? size : 1)) }]
}
