import { describe, expect, it } from 'vitest'
import { createRng } from '../../../core/index.ts'
import { OPERATORS, type OperatorName } from '../../operators/catalogue.ts'
import type { TensorLiteral } from '../../tensor.ts'
import { fromNumbers, isFloat, numbersOf } from '../element-values.ts'
import { KERNELS } from '../kernels.ts'
import type { OperatorCase } from './operator-case.reference.ts'
import { OPERATOR_CASES } from './operator-cases.reference.ts'

const STEP = 1e-5

const smoothCases = (op: OperatorName): OperatorCase[] =>
  OPERATOR_CASES[op].filter(({ differentiableInputs }) => differentiableInputs.length > 0)

describe.each(OPERATORS)('cases of %s', (op) => {
  it('have names of their own', () => {
    const names = OPERATOR_CASES[op].map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe.each(OPERATORS.filter((op) => smoothCases(op).length > 0))('cases of %s', (op) => {
  it.each(smoothCases(op))('lie away from kinks: $name', (example) => {
    const [left, right] = slopes(op, example)
    expect(Math.abs(left - right)).toBeLessThan(1e-2 * Math.max(1, Math.abs(right)))
  })
})

/** How fast a weighted sum of the first output changes along a random direction, looking back and looking ahead. */
function slopes(op: OperatorName, example: OperatorCase): [number, number] {
  const rng = createRng(3, example.name)
  const inputs = example.inputs.map((input) => input && inDoubles(input))
  const direction = inputs.map((input) => Array.from({ length: input?.data.length ?? 0 }, () => rng.normal()))
  const at = (distance: number): TensorLiteral => {
    const moved = inputs.map((input, i) => {
      if (input === undefined || !example.differentiableInputs.includes(i)) return input
      const values = Array.from(numbersOf(input), (value, k) => value + distance * direction[i]![k]!)
      return fromNumbers('double', input.shape, values)
    })
    const { attributes, outputCount, opset } = example
    return KERNELS[op]({ inputs: moved, attributes, outputCount, opset })[0]!
  }
  const [back, here, ahead] = [at(-STEP), at(0), at(STEP)].map(numbersOf) as [Float64Array, Float64Array, Float64Array]
  const weights = Array.from(here, () => rng.normal())
  const slope = (a: Float64Array, b: Float64Array): number =>
    weights.reduce((sum, weight, i) => sum + (weight * (b[i]! - a[i]!)) / STEP, 0)
  return [slope(back, here), slope(here, ahead)]
}

const inDoubles = (input: TensorLiteral): TensorLiteral =>
  isFloat(input) ? fromNumbers('double', input.shape, numbersOf(input)) : input
