import { floatAttribute, stringAttribute } from '../../graph/attribute.ts'
import type { Operations } from '../../graph/operations.ts'
import type { TypedNode, TypedValue } from '../../graph/typed-value.ts'
import type { GradientCall, GradientRule } from '../gradient-rule.ts'
import { slope } from './unary.ts'

/** dy where y > 0: the slope is 0 at 0, as PyTorch has it. */
export const relu = slope((_, y, ops) => ops.step(y))

/** y (1 - y) */
export const sigmoid = slope((_, y, ops) => ops.mul(y, ops.oneMinus(y)))

/** 1 above 0; below and at 0 what `below` writes. */
const kinked =
  (below: (node: TypedNode, ops: Operations) => TypedValue): GradientRule =>
  ({ node, outputGradients: [dy], ops }: GradientCall) => {
    const x = node.inputs[0]!
    return [ops.where(ops.node('Greater', [x, ops.scalar(0, x)]), dy!, ops.mul(dy!, below(node, ops)))]
  }

const alphaOf = ({ attributes }: TypedNode, absent: number): number => floatAttribute(attributes, 'alpha', absent)

export const leakyRelu = kinked((node, ops) => ops.scalar(alphaOf(node, 0.01), node.inputs[0]!))
/** y = alpha (exp x - 1) below 0, whose slope is y + alpha. */
export const elu = kinked((node, ops) => ops.shift(node.outputs[0]!, alphaOf(node, 1)))
/** y = alpha (exp(x / alpha) - 1) below 0, whose slope is y / alpha + 1. */
export const celu = kinked((node, ops) => ops.shift(ops.scale(node.outputs[0]!, 1 / alphaOf(node, 1)), 1))

/** Klambauer et al. 2017: gamma x above 0, gamma alpha (exp x - 1) below. */
export const selu: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const [x, y] = [node.inputs[0]!, node.outputs[0]!]
  const alpha = alphaOf(node, 1.6732631921768188)
  const gamma = floatAttribute(node.attributes, 'gamma', 1.0507010221481323)
  const isAbove = ops.node('Greater', [x, ops.scalar(0, x)])
  return [ops.mul(dy!, ops.where(isAbove, ops.scalar(gamma, x), ops.shift(y, alpha * gamma)))]
}

export const pRelu: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => {
  const [x, slopes] = [node.inputs[0]!, node.inputs[1]!]
  const zero = ops.scalar(0, x)
  const isAbove = ops.node('Greater', [x, zero])
  return [
    needs(0) ? ops.where(isAbove, dy!, ops.mul(dy!, slopes)) : undefined,
    needs(1) ? ops.sumTo(ops.mul(dy!, ops.where(isAbove, zero, x)), slopes.shape) : undefined,
  ]
}

/** Hendrycks & Gimpel 2016: x Phi(x); dy/dx = Phi(x) + x phi(x). */
const exactGelu = slope((x, _, ops) => {
  const distribution = ops.shift(ops.scale(ops.node('Erf', [ops.scale(x, Math.SQRT1_2)]), 0.5), 0.5)
  const bell = ops.node('Exp', [ops.scale(ops.mul(x, x), -0.5)])
  return ops.add(distribution, ops.mul(x, ops.scale(bell, 1 / Math.sqrt(2 * Math.PI))))
})

/** 0.5 x (1 + tanh(u)) with u = sqrt(2 / pi) (x + 0.044715 x^3). */
const tanhGelu = slope((x, _, ops) => {
  const squared = ops.mul(x, x)
  const k = Math.sqrt(2 / Math.PI)
  const t = ops.node('Tanh', [ops.mul(x, ops.shift(ops.scale(squared, k * 0.044715), k))])
  const inner = ops.shift(ops.scale(squared, 3 * k * 0.044715), k)
  const bend = ops.mul(ops.mul(x, inner), ops.oneMinus(ops.mul(t, t)))
  return ops.scale(ops.add(ops.shift(t, 1), bend), 0.5)
})

export const gelu: GradientRule = (call) =>
  stringAttribute(call.node.attributes, 'approximate', 'none') === 'tanh' ? tanhGelu(call) : exactGelu(call)

/** Misra 2019: x tanh(softplus x). */
export const mish = slope((x, _, ops) => {
  const t = ops.node('Tanh', [ops.node('Softplus', [x])])
  const bend = ops.mul(ops.oneMinus(ops.mul(t, t)), ops.node('Sigmoid', [x]))
  return ops.add(t, ops.mul(x, bend))
})

/** alpha between the flat ends. */
export const hardSigmoid: GradientRule = ({ node, outputGradients: [dy], ops }) => [
  ops.mul(dy!, ops.scale(isBetween(node.outputs[0]!, ops), alphaOf(node, 0.2))),
]

/** Howard et al. 2019: x h(x) with h = HardSigmoid(1/6, 1/2). */
export const hardSwish = slope((x, _, ops) => {
  const h = ops.node('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } })
  return ops.add(h, ops.mul(ops.scale(x, 1 / 6), isBetween(h, ops)))
})

/** 1 where 0 < y < 1. */
const isBetween = (y: TypedValue, ops: Operations): TypedValue => ops.mul(ops.step(y), ops.step(ops.oneMinus(y)))

export const softplus = slope((x, _, ops) => ops.node('Sigmoid', [x]))
export const softsign: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const width = ops.shift(ops.node('Abs', [node.inputs[0]!]), 1)
  return [ops.div(dy!, ops.mul(width, width))]
}

export const thresholdedRelu: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const x = node.inputs[0]!
  const isAbove = ops.node('Greater', [x, ops.scalar(alphaOf(node, 1), x)])
  return [ops.where(isAbove, dy!, ops.scalar(0, x))]
}

/** What was clipped belongs to the bound; at the bound itself x keeps it, as in PyTorch. */
export const clip: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => {
  const [x, low, high] = node.inputs
  const zero = ops.scalar(0, x!)
  const boundGradient = (bound: TypedValue, comparison: 'Less' | 'Greater'): TypedValue =>
    ops.sumTo(ops.where(ops.node(comparison, [x, bound]), dy!, zero), bound.shape)
  return [
    needs(0) ? ops.where(ops.equal(x!, node.outputs[0]!), dy!, zero) : undefined,
    needs(1) ? boundGradient(low!, 'Less') : undefined,
    needs(2) ? boundGradient(high!, 'Greater') : undefined,
  ]
}
