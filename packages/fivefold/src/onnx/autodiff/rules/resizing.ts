import { intsAttribute } from '../../graph/attribute.ts'
import type { Operations } from '../../graph/operations.ts'
import { fixedShape, type TypedNode, type TypedValue } from '../../graph/typed-value.ts'
import { frontAxis } from '../../operators/dimensions.ts'
import { KERNELS } from '../../reference/kernels.ts'
import { floats, int64s, type TensorLiteral, zerosOf } from '../../tensor.ts'
import type { GradientRule } from '../gradient-rule.ts'

/** Resizing is linear in each axis: the gradient multiplies with the transpose of its matrix, one axis after the other. */
export const resize: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const x = node.inputs[0]!
  const sizes = fixedShape(x)
  const gradient = resizedAxes(node).reduceRight(
    (value, axis) => backAlong(value, axis, sizes[axis]!, axisMatrix(node, axis), ops),
    dy!,
  )
  return [gradient]
}

function resizedAxes(node: TypedNode): number[] {
  const [from, to] = [fixedShape(node.inputs[0]!), fixedShape(node.outputs[0]!)]
  return [...from.keys()].filter((axis) => from[axis] !== to[axis] || scaleOf(node, axis) !== 1)
}

/** The scale of an axis where scales are given: positions follow from it, not from the sizes. */
function scaleOf(node: TypedNode, axis: number): number {
  const scales = node.inputs[2]?.constant
  if (scales === undefined || scales.data.length === 0) return 1
  const axes = axesOf(node)
  return axes.includes(axis) ? Number(scales.data[axes.indexOf(axis)]) : 1
}

const axesOf = (node: TypedNode): number[] => {
  const rank = node.inputs[0]!.shape.length
  return intsAttribute(node.attributes, 'axes', [...Array(rank).keys()]).map((axis) => frontAxis(axis, rank))
}

/**
 * What one axis does to each unit vector, [from, to]: computed by the operator's own meaning, so that there is one definition of
 * where samples are taken.
 */
function axisMatrix(node: TypedNode, axis: number): Float32Array {
  const from = fixedShape(node.inputs[0]!)[axis]!
  const to = fixedShape(node.outputs[0]!)[axis]!
  const eye = floats(
    Array.from({ length: from * from }, (_, i) => (i % (from + 1) === 0 ? 1 : 0)),
    [from, from],
  )
  const scales = node.inputs[2]?.constant
  const hasScales = scales !== undefined && scales.data.length > 0
  const roi = node.inputs[1]?.constant
  const attributes = { ...node.attributes, axes: { ints: [1] } }
  const inputs: (TensorLiteral | undefined)[] = [
    roi && roi.data.length > 0 ? roiOf(node, roi, axis) : undefined,
    hasScales ? floats([scaleOf(node, axis)]) : undefined,
    hasScales ? undefined : int64s([to]),
  ]
  const respond = (x: TensorLiteral): readonly number[] => {
    const [result] = KERNELS.Resize({ attributes, inputs: [x, ...inputs], outputCount: 1, opset: 20 })
    return Array.from(result!.data, Number)
  }
  // What is written where samples lie outside depends on no input.
  const constant = respond(zerosOf('float', [from, from]))
  return Float32Array.from(respond(eye), (value, i) => value - constant[i]!)
}

/** The region of one axis: starts come first, then ends. */
function roiOf(node: TypedNode, roi: TensorLiteral, axis: number): TensorLiteral {
  const axes = axesOf(node)
  const at = axes.indexOf(axis)
  return floats([Number(roi.data[at]), Number(roi.data[at + axes.length])])
}

function backAlong(value: TypedValue, axis: number, from: number, matrix: Float32Array, ops: Operations): TypedValue {
  const shape = fixedShape(value)
  const to = shape[axis]!
  const repeats = repeatsEach(matrix, from, to)
  if (repeats !== undefined) {
    const apart = ops.reshape(value, [...shape.slice(0, axis), from, repeats, ...shape.slice(axis + 1)])
    return ops.sum(apart, [axis + 1])
  }
  const last = shape.length - 1
  const turned = ops.swapAxes(value, axis, last)
  const product = ops.matMul(turned, transposedConstant(matrix, from, to, value, ops))
  return ops.swapAxes(product, axis, last)
}

/** How often each value is repeated, where the matrix does nothing else. */
function repeatsEach(matrix: Float32Array, from: number, to: number): number | undefined {
  const repeats = to / from
  if (!Number.isInteger(repeats)) return undefined
  const isRepeat = matrix.every(
    (weight, i) => weight === (Math.floor((i % to) / repeats) === Math.floor(i / to) ? 1 : 0),
  )
  return isRepeat ? repeats : undefined
}

function transposedConstant(
  matrix: Float32Array,
  from: number,
  to: number,
  like: TypedValue,
  ops: Operations,
): TypedValue {
  const data = Float32Array.from({ length: from * to }, (_, i) => matrix[(i % from) * to + Math.floor(i / from)]!)
  return ops.cast(ops.graph.constant({ type: 'float', shape: [to, from], data }), like.type)
}
