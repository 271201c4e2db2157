import { createRng } from '../../../core/index.ts'
import type { Attributes } from '../../graph/attribute.ts'
import { type ElementType, elementCount, int64s, type TensorLiteral } from '../../tensor.ts'
import { fromNumbers, isFloat } from '../element-values.ts'

/** One call of an operator to check against other ways of computing it, and its gradient against finite differences. */
export interface OperatorCase {
  readonly name: string
  readonly inputs: readonly (TensorLiteral | undefined)[]
  readonly attributes: Attributes
  readonly outputCount: number
  readonly opset: number
  /**
   * Inputs that the first output is differentiable in, with values away from kinks and ties by more than 1e-4. Operators that
   * are flat almost everywhere list none.
   */
  readonly differentiableInputs: readonly number[]
  /** Outputs that another runtime need not compute, or computes in another way. */
  readonly uncheckedOutputs: readonly number[]
}

interface CaseOptions {
  readonly attributes?: Attributes
  /** Default 1. */
  readonly outputs?: number
  /** Default: all inputs of floats. */
  readonly differentiable?: readonly number[]
  /** Default 20. */
  readonly opset?: number
  readonly unchecked?: readonly number[]
}

/** The cases of one operator; there must be one at least. */
export type OperatorCases = readonly [OperatorCase, ...OperatorCase[]]

export function operatorCase(
  name: string,
  inputs: readonly (TensorLiteral | undefined)[],
  options: CaseOptions = {},
): OperatorCase {
  const floatInputs = inputs.flatMap((input, i) => (input !== undefined && isFloat(input) ? [i] : []))
  return {
    name,
    inputs,
    attributes: options.attributes ?? {},
    outputCount: options.outputs ?? 1,
    opset: options.opset ?? 20,
    differentiableInputs: options.differentiable ?? floatInputs,
    uncheckedOutputs: options.unchecked ?? [],
  }
}

let drawn = 0

/**
 * Values in (low, high) in random order, no two of them nearer than a third of (high - low) / count, none within a tenth of that
 * from zero where low = -high: no ties, no kinks at zero.
 */
export function spread(shape: readonly number[], low = -2, high = 2, type: ElementType = 'float'): TensorLiteral {
  const rng = createRng(drawn++, 'operator cases')
  const count = elementCount(shape)
  const step = (high - low) / count
  const values = Float64Array.from({ length: count }, (_, i) => low + (i + 0.2 + 0.2 * rng.next()) * step)
  return fromNumbers(type, shape, rng.shuffle(values))
}

/** Random integers in [low, high). */
export function integers(
  shape: readonly number[],
  low: number,
  high: number,
  type: ElementType = 'int64',
): TensorLiteral {
  const rng = createRng(drawn++, 'operator cases')
  return fromNumbers(
    type,
    shape,
    Float64Array.from({ length: elementCount(shape) }, () => low + rng.int(high - low)),
  )
}

export const truths = (shape: readonly number[]): TensorLiteral => integers(shape, 0, 2, 'bool')

export const of = (type: ElementType, shape: readonly number[], ...values: number[]): TensorLiteral =>
  fromNumbers(type, shape, values)

export const ints = (...values: number[]): TensorLiteral => int64s(values)
export const scalarInt = (value: number): TensorLiteral => int64s([value], [])

/** Attributes from plain values: whole numbers and lists of them are ints. Floats are written with `float`. */
export function attributes(values: Readonly<Record<string, number | readonly number[] | string>>): Attributes {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (typeof value === 'string') return [name, { string: value }]
      return [name, typeof value === 'number' ? { int: value } : { ints: value }]
    }),
  )
}
