import { intAttribute } from '../../graph/attribute.ts'
import { required } from '../../graph/typed-value.ts'
import { elementTypeOf } from '../../tensor.ts'
import { broadcastShapes, shapeText } from '../dimensions.ts'
import { invalid, unsupported } from '../graph-errors.ts'
import { checkOneType, checkType } from './operands.ts'
import type { ShapeRule } from './shape-rule.ts'

/** Type and shape of the first input. */
export const likeFirst: ShapeRule = (node) => {
  const { type, shape } = required(node, 0)
  return [{ type, shape }]
}

/** The broadcast shape of all inputs, which have one type. */
export const broadcast: ShapeRule = (node) => {
  checkOneType(node, node.inputs.keys())
  return broadcastAnyTypes(node)
}

/** The broadcast shape of all inputs, the type of the first: exponents may have a type of their own. */
export const broadcastAnyTypes: ShapeRule = (node) => [
  { type: required(node, 0).type, shape: broadcastShapes(...node.inputs.map((_, i) => required(node, i).shape)) },
]

/** The broadcast shape of all inputs, as truth values. */
export const comparison: ShapeRule = (node) => [{ ...broadcast(node)[0]!, type: 'bool' }]

/** The broadcast shape of truth values. */
export const logical: ShapeRule = (node) => {
  for (const index of node.inputs.keys()) checkType(node, index, 'bool')
  return broadcast(node)
}

/** One truth value for each element. */
export const test: ShapeRule = (node) => [{ type: 'bool', shape: required(node, 0).shape }]

/** Where: condition, then, else. */
export const where: ShapeRule = (node) => {
  checkType(node, 0, 'bool')
  checkOneType(node, [1, 2])
  return [{ ...broadcastAnyTypes(node)[0]!, type: required(node, 1).type }]
}

/** Clip: bounds are scalars of the type of the input. */
export const clip: ShapeRule = (node) => {
  checkOneType(node, [0, 1, 2])
  return likeFirst(node)
}

/** PRelu: the slope stretches to the input, never the other way round. */
export const pRelu: ShapeRule = (node) => {
  const [x, slope] = [required(node, 0), required(node, 1)]
  checkOneType(node, [0, 1])
  const stretched = broadcastShapes(x.shape, slope.shape)
  if (stretched.length !== x.shape.length || stretched.some((size, i) => x.shape[i] === 1 && size !== 1))
    throw invalid(`PRelu cannot stretch a slope ${shapeText(slope.shape)} to ${shapeText(x.shape)}`)
  return likeFirst(node)
}

export const cast: ShapeRule = (node) => {
  const code = intAttribute(node.attributes, 'to', 0)
  const type = elementTypeOf(code)
  if (type === undefined) throw unsupported(`Cast to element type ${code}`)
  return [{ type, shape: required(node, 0).shape }]
}

export const castLike: ShapeRule = (node) => [{ type: required(node, 1).type, shape: required(node, 0).shape }]
