import { intAttribute, intsAttribute } from '../graph/attribute.ts'
import { frontAxis } from '../operators/dimensions.ts'
import type { TensorLiteral } from '../tensor.ts'
import { bigintsOf, fromBigints, fromNumbers, isInteger, numbersOf } from './element-values.ts'
import { inputAt, intsAt, type Kernel, type KernelCall } from './kernel.ts'
import { type AxisGroups, groupAlong } from './strided-positions.ts'

type Elements = readonly number[]

/** Axes are an input since opset 18 (ReduceSum: 13), an attribute before. No axes are all, or none where the node says so. */
export function reducedAxes(call: KernelCall, rank: number): number[] {
  const axes = intsAt(call, 1) ?? intsAttribute(call.attributes, 'axes', [])
  if (axes.length > 0) return axes.map((axis) => frontAxis(axis, rank))
  return intAttribute(call.attributes, 'noop_with_empty_axes', 0) === 1 ? [] : Array.from({ length: rank }, (_, i) => i)
}

export function reducedShape(shape: readonly number[], axes: readonly number[], keepsAxes: boolean): number[] {
  return shape
    .map((size, axis) => (axes.includes(axis) ? 1 : size))
    .filter((_, axis) => keepsAxes || !axes.includes(axis))
}

interface Reduction {
  readonly numbers: (values: Elements) => number
  /** Integers are reduced exactly where the reduction stays among them. */
  readonly integers?: (values: readonly bigint[]) => bigint
}

export const reduction =
  ({ numbers, integers }: Reduction): Kernel =>
  (call) => {
    const x = inputAt(call, 0)
    const axes = reducedAxes(call, x.shape.length)
    const shape = reducedShape(x.shape, axes, intAttribute(call.attributes, 'keepdims', 1) === 1)
    const groups = groupAlong(x.shape, axes)
    if (integers && isInteger(x)) return [fromBigints(x.type, shape, overGroups(groups, bigintsOf(x), integers))]
    return [fromNumbers(x.type, shape, overGroups(groups, numbersOf(x), numbers))]
  }

/** `of` the members of each group. */
export function overGroups<Element, Result>(
  { outer, inner }: AxisGroups,
  values: ArrayLike<Element>,
  of: (members: Element[]) => Result,
): Result[] {
  return Array.from(outer, (start) => of(Array.from(inner, (step) => values[start + step]!)))
}

export const sum = (values: Elements): number => values.reduce((total, value) => total + value, 0)
export const average = (values: Elements): number => sum(values) / values.length
const product = (values: Elements): number => values.reduce((total, value) => total * value, 1)
export const sumOfSquares = (values: Elements): number => values.reduce((total, value) => total + value * value, 0)
export const largest = (values: Elements): number => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)

/** log sum exp, with the largest value taken out so that nothing overflows. */
export function logSumExp(values: Elements): number {
  const top = largest(values)
  if (!Number.isFinite(top)) return top
  return top + Math.log(values.reduce((total, value) => total + Math.exp(value - top), 0))
}

export const reduceSum = reduction({ numbers: sum, integers: (values) => values.reduce((a, b) => a + b, 0n) })
export const reduceMean = reduction({ numbers: average })
export const reduceProd = reduction({ numbers: product, integers: (values) => values.reduce((a, b) => a * b, 1n) })
export const reduceMax = reduction({
  numbers: largest,
  integers: (values) => values.reduce((a, b) => (b > a ? b : a)),
})
export const reduceMin = reduction({
  numbers: (values) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
  integers: (values) => values.reduce((a, b) => (b < a ? b : a)),
})
export const reduceL1 = reduction({ numbers: (values) => sum(values.map(Math.abs)) })
export const reduceL2 = reduction({ numbers: (values) => Math.sqrt(sumOfSquares(values)) })
export const reduceLogSum = reduction({ numbers: (values) => Math.log(sum(values)) })
export const reduceLogSumExp = reduction({ numbers: logSumExp })
export const reduceSumSquare = reduction({ numbers: sumOfSquares })

/** Every group along an axis replaced by as many values. */
export function mapGroups(
  x: TensorLiteral,
  axes: readonly number[],
  of: (members: number[]) => Elements,
): TensorLiteral {
  const values = numbersOf(x)
  const result = new Float64Array(values.length)
  const { outer, inner } = groupAlong(x.shape, axes)
  for (const start of outer) {
    const mapped = of(Array.from(inner, (step) => values[start + step]!))
    inner.forEach((step, i) => {
      result[start + step] = mapped[i]!
    })
  }
  return fromNumbers(x.type, x.shape, result)
}
