import { describe, expect, it } from 'vitest'
import { OPERATORS, type OperatorName } from '../operators/catalogue.ts'
import { encodeModel } from '../protobuf/model-proto.ts'
import { createSession } from '../session/session.ts'
import type { TensorLiteral } from '../tensor.ts'
import { feedsOf, oneNodeModel } from './cases/one-node-model.reference.ts'
import type { OperatorCase } from './cases/operator-case.reference.ts'
import { OPERATOR_CASES } from './cases/operator-cases.reference.ts'
import { isFloat, numbersOf } from './element-values.ts'
import { createReferenceEvaluator } from './evaluator.ts'
import { KERNELS } from './kernels.ts'

/** The runtime computes in single precision: 2e-5 of the largest value in a tensor, or of 1. */
const TOLERANCE = 2e-5
const HALF_TOLERANCE = 2e-3

describe.each(OPERATORS)('the reference kernel of %s', (op) => {
  it.each([...OPERATOR_CASES[op]])('computes what ONNX Runtime does: $name', (example) => compare(op, example))
})

async function compare(op: OperatorName, example: OperatorCase): Promise<void> {
  const { inputs, attributes, outputCount, opset } = example
  const results = KERNELS[op]({ inputs, attributes, outputCount, opset }).slice(0, outputCount)
  const model = oneNodeModel(op, example, results)
  const wanted = results.map((_, i) => `y${i}`).filter((_, i) => !example.uncheckedOutputs.includes(i))
  const evaluated = await createReferenceEvaluator(model).run(feedsOf(example), wanted)
  await using session = await createSession(encodeModel(model))
  const expected = await session.run(feedsOf(example), wanted)
  for (const name of wanted) expectClose(evaluated[name]!, expected[name]!)
}

function expectClose(actual: TensorLiteral, expected: TensorLiteral): void {
  expect([actual.type, actual.shape]).toEqual([expected.type, [...expected.shape]])
  if (!isFloat(actual)) {
    expect(Array.from<unknown>(actual.data)).toEqual(Array.from<unknown>(expected.data))
    return
  }
  const [left, right] = [Array.from(numbersOf(actual)), Array.from(numbersOf(expected))]
  const scale = Math.max(1, ...right.filter(Number.isFinite).map(Math.abs))
  const allowed = scale * (actual.type === 'float16' ? HALF_TOLERANCE : TOLERANCE)
  const apart = left.flatMap((value, i) =>
    Object.is(value, right[i]) || Math.abs(value - right[i]!) <= allowed ? [] : [{ i, value, expected: right[i] }],
  )
  expect(apart).toEqual([])
}
