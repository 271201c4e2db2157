import { type Attributes, floatAttribute, stringAttribute } from '../graph/attribute.ts'
import { broadcastInputs, zipNumbers } from './elementwise.ts'
import { inputAt, type Kernel, type KernelCall } from './kernel.ts'

/** An activation whose constants are attributes of the node. */
export const activation =
  (of: (x: number, attributes: Attributes) => number): Kernel =>
  (call) => {
    const x = inputAt(call, 0)
    return [zipNumbers(x.type, [x], (value) => of(value!, call.attributes))]
  }

const constantOf = (attributes: Attributes, name: 'alpha' | 'beta' | 'gamma', absent: number): number =>
  floatAttribute(attributes, name, absent)

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
/** log(1 + e^x) without overflow. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
export const softsign = (x: number): number => x / (1 + Math.abs(x))
export const mish = (x: number): number => x * Math.tanh(softplus(x))
const clamp01 = (x: number): number => Math.min(1, Math.max(0, x))
/** Keeps NaN, which Math.max would too. */
export const relu = (x: number): number => Math.max(0, x)
export const hardSwish = (x: number): number => x * clamp01(x / 6 + 0.5)

export const leakyRelu = (x: number, a: Attributes): number => (x < 0 ? constantOf(a, 'alpha', 0.01) * x : x)
export const elu = (x: number, a: Attributes): number => (x < 0 ? constantOf(a, 'alpha', 1) * Math.expm1(x) : x)
export const thresholdedRelu = (x: number, a: Attributes): number => (x > constantOf(a, 'alpha', 1) ? x : 0)
export const hardSigmoid = (x: number, a: Attributes): number =>
  clamp01(constantOf(a, 'alpha', 0.2) * x + constantOf(a, 'beta', 0.5))

/** Klambauer et al., 2017: the constants make layers keep mean 0 and variance 1. */
export function selu(x: number, a: Attributes): number {
  const alpha = constantOf(a, 'alpha', 1.6732631921768188)
  return constantOf(a, 'gamma', 1.0507010221481323) * (x > 0 ? x : alpha * Math.expm1(x))
}

export function celu(x: number, a: Attributes): number {
  const alpha = constantOf(a, 'alpha', 1)
  return Math.max(0, x) + Math.min(0, alpha * Math.expm1(x / alpha))
}

/** Hendrycks and Gimpel, 2016; approximate='tanh' is their cheaper form. */
export const gelu = (x: number, a: Attributes): number =>
  stringAttribute(a, 'approximate', 'none') === 'tanh' ? geluByTanh(x) : geluByErf(x)

export const geluByErf = (x: number): number => 0.5 * x * (1 + erf(x * Math.SQRT1_2))
export const geluByTanh = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))

/** x below zero times a slope that is broadcast. */
export const pRelu: Kernel = (call: KernelCall) => {
  const [x, slope] = broadcastInputs(call)
  return [zipNumbers(x!.type, [x!, slope!], (value, factor) => (value! < 0 ? value! * factor! : value!))]
}

/** erf(x) = 2/sqrt(pi) e^(-x^2) sum 2^n x^(2n+1) / (1 3 5 .. (2n+1)): all terms have one sign, so nothing cancels. */
export function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x)
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}
