import { FivefoldError } from '../../../core/index.ts'
import { intAttribute, intsAttribute, stringAttribute } from '../../graph/attribute.ts'
import { constantInts, fixedShape, type TypedNode, type TypedValue } from '../../graph/typed-value.ts'
import { frontAxis } from '../../operators/dimensions.ts'
import type { GradientRule } from '../gradient-rule.ts'

/** Reshape, Flatten, Squeeze and Unsqueeze: the same values in another shape. */
export const reshaped: GradientRule = ({ node, outputGradients: [dy], ops }) => [ops.reshapeLike(dy!, node.inputs[0]!)]

export const transpose: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const axes = [...dy!.shape.keys()]
  const permutation = intsAttribute(node.attributes, 'perm', axes.toReversed())
  return [
    ops.transpose(
      dy!,
      axes.map((axis) => permutation.indexOf(axis)),
    ),
  ]
}

export const expand: GradientRule = ({ node, outputGradients: [dy], ops }) => [ops.sumTo(dy!, node.inputs[0]!.shape)]

export const concat: GradientRule = ({ node, outputGradients: [dy], needs, ops, graph }) => {
  const axis = frontAxis(intAttribute(node.attributes, 'axis', 0), dy!.shape.length)
  const sizes = node.inputs.map((input) => fixedAxis(input!, axis))
  if (node.inputs.every((_, i) => needs(i)) && node.inputs.length > 1)
    return graph.nodeWithOutputs('Split', sizes.length, [dy, ops.ints(sizes)], { axis: { int: axis } })
  let start = 0
  return sizes.map((size, i) => {
    start += size
    return needs(i) ? ops.slice(dy!, [{ axis, start: start - size, end: start }]) : undefined
  })
}

export const split: GradientRule = ({ node, outputGradients, ops }) => {
  const axis = frontAxis(intAttribute(node.attributes, 'axis', 0), node.inputs[0]!.shape.length)
  const parts = node.outputs.map((output, i) => outputGradients[i] ?? (output && ops.zerosLike(output)))
  return [
    ops.concat(
      parts.map((part, i) => part ?? missingPart(node, i)),
      axis,
    ),
  ]
}

function missingPart(node: TypedNode, index: number): never {
  throw new FivefoldError('GRAPH_UNSUPPORTED', `node '${node.name}': output ${index} of Split has no name`)
}

/** Copies laid end to end along each axis: their gradients are summed. */
export const tile: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const x = node.inputs[0]!
  const repeats = requiredInts(node, 1)
  const apart = fixedShape(x).flatMap((size, i) => [repeats[i]!, size])
  const copies = repeats.flatMap((count, i) => (count === 1 ? [] : [2 * i]))
  return [ops.reshapeLike(ops.sum(ops.reshape(dy!, apart), copies, true), x)]
}

export const trilu: GradientRule = ({ node, outputGradients: [dy], ops }) => [
  ops.node('Trilu', [dy, node.inputs[1]], node.attributes),
]

const blocksize = (node: TypedNode): number => intAttribute(node.attributes, 'blocksize', 1)

export const spaceToDepth: GradientRule = ({ node, outputGradients: [dy], ops }) => [
  ops.node('DepthToSpace', [dy], { blocksize: { int: blocksize(node) } }),
]

export const depthToSpace: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const block = blocksize(node)
  if (stringAttribute(node.attributes, 'mode', 'DCR') === 'DCR')
    return [ops.node('SpaceToDepth', [dy], { blocksize: { int: block } })]
  const [batch, channels, height, width] = fixedShape(node.inputs[0]!) as [number, number, number, number]
  const apart = ops.reshape(dy!, [batch, channels / block ** 2, height, block, width, block])
  return [ops.reshape(ops.transpose(apart, [0, 1, 3, 5, 2, 4]), [batch, channels, height, width])]
}

/** The integers of a constant input. Throws GRAPH_UNSUPPORTED naming the node where they are computed from what is fed. */
export function requiredInts(node: TypedNode, index: number): number[] {
  const values = constantInts(node.inputs[index])
  if (values !== undefined) return values
  throw new FivefoldError(
    'GRAPH_UNSUPPORTED',
    `node '${node.name}': input ${index} of ${node.op} must be constant to be differentiated`,
  )
}

export function fixedAxis(value: TypedValue, axis: number): number {
  const size = value.shape[axis]
  return typeof size === 'number' ? size : fixedShape(value)[axis]!
}
