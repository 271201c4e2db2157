import { FivefoldError } from '../../../core/index.ts'
import { intAttribute, intsAttribute } from '../../graph/attribute.ts'
import type { Operations } from '../../graph/operations.ts'
import { constantInts, type TypedNode, type TypedValue } from '../../graph/typed-value.ts'
import { frontAxis } from '../../operators/dimensions.ts'
import type { GradientCall, GradientRule } from '../gradient-rule.ts'

/** The axes that a reduction runs over, counted from the front. */
export function reducedAxes(node: TypedNode): number[] {
  const rank = node.inputs[0]!.shape.length
  const given = node.inputs[1] === undefined ? intsAttribute(node.attributes, 'axes', []) : constantInts(node.inputs[1])
  if (given === undefined)
    throw new FivefoldError('GRAPH_UNSUPPORTED', `node '${node.name}': axes must be constant to be differentiated`)
  if (given.length > 0) return given.map((axis) => frontAxis(axis, rank))
  return intAttribute(node.attributes, 'noop_with_empty_axes', 0) === 0 ? [...Array(rank).keys()] : []
}

interface Reduction {
  readonly x: TypedValue
  /** Output and its gradient with the reduced axes kept as size 1. */
  readonly y: TypedValue
  readonly dy: TypedValue
  readonly axes: readonly number[]
  readonly ops: Operations
}

/** A rule over a reduction whose output broadcasts against its input. */
const reduction =
  (write: (reduction: Reduction) => TypedValue): GradientRule =>
  ({ node, outputGradients: [dy], ops }: GradientCall) => {
    const axes = reducedAxes(node).sort((a, b) => a - b)
    const isKept = intAttribute(node.attributes, 'keepdims', 1) !== 0
    const keep = (value: TypedValue): TypedValue => (isKept ? value : ops.unsqueeze(value, axes))
    const x = node.inputs[0]!
    return [ops.expandLike(write({ x, y: keep(node.outputs[0]!), dy: keep(dy!), axes, ops }), x)]
  }

export const reduceSum = reduction(({ dy }) => dy)

export const reduceMean = reduction(({ x, dy, axes, ops }) => {
  const sizes = axes.map((axis) => x.shape[axis]!)
  if (sizes.every((size) => typeof size === 'number'))
    return ops.scale(dy, 1 / sizes.reduce((count, size) => count * size, 1))
  const counts = ops.node('Gather', [ops.node('Shape', [x]), ops.ints(axes)])
  return ops.div(dy, ops.cast(ops.node('ReduceProd', [counts], { keepdims: { int: 0 } }), dy.type))
})

/** ReduceMax and ReduceMin: values that tie share alike, as torch.amax has it. */
export const reduceExtremum = reduction(({ x, y, dy, axes, ops }) => {
  const chosen = ops.cast(ops.equal(x, y), x.type)
  return ops.mul(chosen, ops.div(dy, ops.sum(chosen, axes, true)))
})

/** The product of the others, which one zero leaves to that zero alone. */
export const reduceProd = reduction(({ x, y, dy, axes, ops }) => {
  const [zero, one] = [ops.scalar(0, x), ops.scalar(1, x)]
  const isZero = ops.equal(x, zero)
  const others = ops.where(isZero, one, x)
  const product = ops.node('ReduceProd', [others, ops.ints(axes)], { keepdims: { int: 1 } })
  const zeros = ops.sum(ops.cast(isZero, x.type), axes, true)
  const ofOneZero = ops.where(ops.equal(zeros, one), product, zero)
  return ops.mul(dy, ops.where(isZero, ofOneZero, ops.div(y, others)))
})

export const reduceL1 = reduction(({ x, dy, ops }) => ops.mul(dy, ops.node('Sign', [x])))

/** x / |x|, and 0 for a vector of zeros. */
export const reduceL2 = reduction(({ x, y, dy, ops }) => {
  const isZero = ops.equal(y, ops.scalar(0, y))
  return ops.mul(x, ops.div(dy, ops.where(isZero, ops.scalar(1, y), y)))
})

export const reduceLogSum = reduction(({ y, dy, ops }) => ops.div(dy, ops.node('Exp', [y])))
export const reduceLogSumExp = reduction(({ x, y, dy, ops }) => ops.mul(dy, ops.node('Exp', [ops.sub(x, y)])))
export const reduceSumSquare = reduction(({ x, dy, ops }) => ops.mul(x, ops.scale(dy, 2)))

/** Sums of what comes after instead of before. */
export const cumSum: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const reverse = intAttribute(node.attributes, 'reverse', 0) === 0 ? 1 : 0
  return [ops.node('CumSum', [dy, node.inputs[1]], { ...node.attributes, reverse: { int: reverse } })]
}

/** Gradients go back to where the values came from. */
export const topK: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  if (dy === undefined) return []
  const [x, indices] = [node.inputs[0]!, node.outputs[1]!]
  const axis = { int: frontAxis(intAttribute(node.attributes, 'axis', -1), x.shape.length) }
  return [ops.node('ScatterElements', [ops.zerosLike(x), indices, dy], { axis })]
}

const softmaxAxis = ({ attributes, inputs }: TypedNode): number =>
  frontAxis(intAttribute(attributes, 'axis', -1), inputs[0]!.shape.length)

/** y (dy - sum(dy y)) */
export const softmax: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const y = node.outputs[0]!
  const weighted = ops.mul(dy!, y)
  return [ops.sub(weighted, ops.mul(y, ops.sum(weighted, [softmaxAxis(node)], true)))]
}

/** dy - exp(y) sum(dy) */
export const logSoftmax: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const probabilities = ops.node('Exp', [node.outputs[0]!])
  return [ops.sub(dy!, ops.mul(probabilities, ops.sum(dy!, [softmaxAxis(node)], true)))]
}
