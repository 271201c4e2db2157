import { intAttribute } from '../../graph/attribute.ts'
import type { Operations } from '../../graph/operations.ts'
import type { TypedValue } from '../../graph/typed-value.ts'
import { elementCount, type TensorLiteral } from '../../tensor.ts'
import type { GradientRule } from '../gradient-rule.ts'

/** Add and Sum. */
export const sum: GradientRule = ({ node, outputGradients: [dy], needs, ops }) =>
  node.inputs.map((input, i) => (needs(i) ? ops.sumTo(dy!, input!.shape) : undefined))

export const mean: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => {
  const share = ops.scale(dy!, 1 / node.inputs.length)
  return node.inputs.map((input, i) => (needs(i) ? ops.sumTo(share, input!.shape) : undefined))
}

export const sub: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => [
  needs(0) ? ops.sumTo(dy!, node.inputs[0]!.shape) : undefined,
  needs(1) ? ops.neg(ops.sumTo(dy!, node.inputs[1]!.shape)) : undefined,
]

export const product: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => {
  const [a, b] = [node.inputs[0]!, node.inputs[1]!]
  return [
    needs(0) ? ops.sumTo(ops.mul(dy!, b), a.shape) : undefined,
    needs(1) ? ops.sumTo(ops.mul(dy!, a), b.shape) : undefined,
  ]
}

/** y = a / b: da = dy / b, db = -dy y / b. */
export const quotient: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => {
  const [a, b, y] = [node.inputs[0]!, node.inputs[1]!, node.outputs[0]!]
  const scaled = ops.div(dy!, b)
  return [
    needs(0) ? ops.sumTo(scaled, a.shape) : undefined,
    needs(1) ? ops.neg(ops.sumTo(ops.mul(scaled, y), b.shape)) : undefined,
  ]
}

/** y = a^b: da = dy b a^(b-1), db = dy y log a, where a^b with a <= 0 counts as flat in b. */
export const power: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => {
  const [a, b, y] = [node.inputs[0]!, node.inputs[1]!, node.outputs[0]!]
  const exponentGradient = (): TypedValue => {
    const one = ops.scalar(1, a)
    const isPositive = ops.node('Greater', [a, ops.scalar(0, a)])
    const logarithm = ops.node('Log', [ops.where(isPositive, a, one)])
    return ops.sumTo(ops.mul(dy!, ops.mul(y, logarithm)), b.shape)
  }
  return [
    needs(0) ? ops.sumTo(ops.mul(dy!, powerSlope(a, b, ops)), a.shape) : undefined,
    needs(1) ? exponentGradient() : undefined,
  ]
}

function powerSlope(a: TypedValue, b: TypedValue, ops: Operations): TypedValue {
  const exponent = b.constant && singleNumber(b.constant)
  if (exponent === 2) return ops.scale(a, 2)
  if (exponent === 3) return ops.scale(ops.mul(a, a), 3)
  if (exponent === 1) return ops.scalar(1, a)
  if (exponent === 0) return ops.scalar(0, a)
  const wide = ops.cast(b, a.type)
  return ops.mul(wide, ops.node('Pow', [a, ops.shift(wide, -1)]))
}

const singleNumber = ({ shape, data }: TensorLiteral): number | undefined =>
  elementCount(shape) === 1 ? Number(data[0]) : undefined

/** y = a - b q with the whole number q: da = dy, db = -dy q. */
export const remainder: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => {
  const [a, b, y] = [node.inputs[0]!, node.inputs[1]!, node.outputs[0]!]
  if (intAttribute(node.attributes, 'fmod', 0) === 0 && a.type !== 'float' && a.type !== 'double') return []
  const quotientOf = (): TypedValue => ops.node('Round', [ops.div(ops.sub(y, a), b)])
  return [
    needs(0) ? ops.sumTo(dy!, a.shape) : undefined,
    needs(1) ? ops.sumTo(ops.mul(dy!, quotientOf()), b.shape) : undefined,
  ]
}

/** Min and Max: the chosen value takes all; values that tie share alike, as in PyTorch. */
export const extremum: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => {
  const y = node.outputs[0]!
  const chosen = node.inputs.map((input) => ops.cast(ops.equal(input!, y), y.type))
  const share = ops.div(
    dy!,
    chosen.reduce((total, one) => ops.add(total, one)),
  )
  return node.inputs.map((input, i) => (needs(i) ? ops.sumTo(ops.mul(share, chosen[i]!), input!.shape) : undefined))
}

/** Where(condition, a, b) */
export const where: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => {
  const [condition, a, b] = [node.inputs[0]!, node.inputs[1]!, node.inputs[2]!]
  const zero = ops.scalar(0, dy!)
  return [
    undefined,
    needs(1) ? ops.sumTo(ops.where(condition, dy!, zero), a.shape) : undefined,
    needs(2) ? ops.sumTo(ops.where(condition, zero, dy!), b.shape) : undefined,
  ]
}
