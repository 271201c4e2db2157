import { type Attributes, intAttribute } from '../../graph/attribute.ts'
import { constantInts, type NodeSignature, required, type TypedValue } from '../../graph/typed-value.ts'
import { type Dimension, type ElementType, elementTypeOf } from '../../tensor.ts'
import { frontAxis, mayEqual, mergeSizes, shapeText } from '../dimensions.ts'
import { invalid, unsupported } from '../graph-errors.ts'
import { likeFirst } from './elementwise.ts'
import {
  axisOf,
  checkOneType,
  checkType,
  listLength,
  requiredRank,
  requiredRankFrom,
  unknownSizes,
} from './operands.ts'
import type { ShapeRule } from './shape-rule.ts'

/** Gather: the indices' shape in place of one axis. */
export const gather: ShapeRule = (node) => {
  const { type, shape } = requiredRankFrom(node, 0, 1)
  const axis = axisOf(node, 0, shape)
  checkType(node, 1, 'int64', 'int32')
  return [{ type, shape: [...shape.slice(0, axis), ...required(node, 1).shape, ...shape.slice(axis + 1)] }]
}

export const gatherElements: ShapeRule = (node) => {
  const { type, shape } = requiredRankFrom(node, 0, 1)
  axisOf(node, 0, shape)
  checkType(node, 1, 'int64', 'int32')
  return [{ type, shape: requiredRank(node, 1, shape.length).shape }]
}

/** GatherND: the last axis of the indices is a path into the data, behind the batch axes. */
export const gatherND: ShapeRule = (node) => {
  const { type, shape } = requiredRankFrom(node, 0, 1)
  checkType(node, 1, 'int64')
  const indices = requiredRankFrom(node, 1, 1)
  const batchAxes = intAttribute(node.attributes, 'batch_dims', 0)
  const reach = batchAxes + pathLength(node, indices, shape.length - batchAxes)
  for (let axis = 0; axis < batchAxes; axis++)
    mergeSizes(shape[axis]!, indices.shape[axis]!, `GatherND's batch axis ${axis}`)
  return [{ type, shape: [...indices.shape.slice(0, -1), ...shape.slice(reach)] }]
}

function pathLength(node: NodeSignature, indices: TypedValue, most: number): number {
  const length = indices.shape.at(-1)!
  if (typeof length === 'string') throw unsupported(`${node.op} needs a fixed last size of '${indices.name}'`)
  if (length < 1 || length > most) throw invalid(`${node.op} cannot follow ${length} indices into ${most} axes`)
  return length
}

export const scatterElements: ShapeRule = (node) => {
  const { shape } = requiredRankFrom(node, 0, 1)
  axisOf(node, 0, shape)
  checkType(node, 1, 'int64', 'int32')
  checkOneType(node, [0, 2])
  checkEqualShapes(node, requiredRank(node, 1, shape.length).shape, required(node, 2).shape)
  return likeFirst(node)
}

export const scatterND: ShapeRule = (node) => {
  const { shape } = requiredRankFrom(node, 0, 1)
  checkType(node, 1, 'int64')
  checkOneType(node, [0, 2])
  const indices = requiredRankFrom(node, 1, 1)
  const reach = pathLength(node, indices, shape.length)
  checkEqualShapes(node, [...indices.shape.slice(0, -1), ...shape.slice(reach)], required(node, 2).shape)
  return likeFirst(node)
}

function checkEqualShapes(node: NodeSignature, wanted: readonly Dimension[], updates: readonly Dimension[]): void {
  if (wanted.length === updates.length && wanted.every((size, axis) => mayEqual(size, updates[axis]!))) return
  throw invalid(`${node.op} needs updates ${shapeText(wanted)}, got ${shapeText(updates)}`)
}

/** OneHot: indices, depth, [off, on]; a new axis at `axis`. */
export const oneHot: ShapeRule = (node) => {
  const { shape } = required(node, 0)
  const values = requiredRank(node, 2, 1)
  const axis = frontAxis(intAttribute(node.attributes, 'axis', -1), shape.length + 1)
  return [{ type: values.type, shape: shape.toSpliced(axis, 0, scalarOf(required(node, 1)) ?? '') }]
}

/** The number of a constant of one element. */
function scalarOf({ constant }: TypedValue): number | undefined {
  return constant && constant.type !== 'string' && constant.data.length === 1 ? Number(constant.data[0]) : undefined
}

/** Range: start, limit, step. */
export const range: ShapeRule = (node) => {
  checkOneType(node, [0, 1, 2])
  const [start, limit, step] = [0, 1, 2].map((index) => scalarOf(required(node, index)))
  const type = required(node, 0).type
  if (start === undefined || limit === undefined || step === undefined) return [{ type, shape: [''] }]
  if (step === 0) throw invalid('Range cannot take steps of 0')
  return [{ type, shape: [Math.max(Math.ceil((limit - start) / step), 0)] }]
}

export const constantOfShape: ShapeRule = (node) => {
  const { value } = node.attributes
  const type = value !== undefined && 'tensor' in value ? value.tensor.type : 'float'
  const shape = constantInts(required(node, 0))
  if (shape?.some((size) => size < 0)) throw invalid(`ConstantOfShape cannot make [${shape.join(', ')}]`)
  return [{ type, shape: shape ?? unknownSizes(listLength(node, 0)) }]
}

/** Constant: the attribute says all. */
export const constant: ShapeRule = ({ attributes }) => {
  const { value } = attributes
  if (value !== undefined && 'tensor' in value) return [{ type: value.tensor.type, shape: value.tensor.shape }]
  const [type, count] = listedConstant(attributes)
  return [{ type, shape: count === undefined ? [] : [count] }]
}

function listedConstant(attributes: Attributes): [type: ElementType, count: number | undefined] {
  for (const attribute of Object.values(attributes)) {
    if ('float' in attribute) return ['float', undefined]
    if ('floats' in attribute) return ['float', attribute.floats.length]
    if ('int' in attribute) return ['int64', undefined]
    if ('ints' in attribute) return ['int64', attribute.ints.length]
    if ('string' in attribute) return ['string', undefined]
    if ('strings' in attribute) return ['string', attribute.strings.length]
  }
  throw unsupported('Constant without a dense value')
}

export const eyeLike: ShapeRule = (node) => {
  const { type, shape } = requiredRank(node, 0, 2)
  const code = intAttribute(node.attributes, 'dtype', undefined)
  const wanted = code === undefined ? type : elementTypeOf(code)
  if (wanted === undefined) throw unsupported(`EyeLike of element type ${code}`)
  return [{ type: wanted, shape }]
}

/** Trilu: matrices in the last two axes. */
export const trilu: ShapeRule = (node) => {
  requiredRankFrom(node, 0, 2)
  return likeFirst(node)
}
