import { describe, expect, it } from 'vitest'
import { createTypedGraph } from '../graph/typed-graph.ts'
import { OPERATORS, type OperatorName } from '../operators/catalogue.ts'
import { encodeModel } from '../protobuf/model-proto.ts'
import type { OperatorCase } from '../reference/cases/operator-case.reference.ts'
import { OPERATOR_CASES } from '../reference/cases/operator-cases.reference.ts'
import { createSession } from '../session/session.ts'
import { floats, int64s, type TensorLiteral } from '../tensor.ts'
import { writeGradients } from './backward.ts'
import { finiteDifferences, gradientError, referenceGradients, runtimeGradients } from './gradient-check.reference.ts'
import { NO_GRADIENT } from './gradient-rule.ts'
import { GRADIENT_RULES } from './rules/gradient-rules.ts'

/** Of the largest value of a gradient, or of 1: central differences in double precision, and rules run in single precision. */
const TOLERANCE = 1e-6
const RUNTIME_TOLERANCE = 1e-4

/** Gradients are written into graphs of the working opset, to which older ones are brought; rounding to single has no slope. */
const isChecked = ({ opset, differentiableInputs, inputs, attributes }: OperatorCase): boolean =>
  opset >= 20 && differentiableInputs.length > 0 && !(attributes.to && inputs[0]?.type === 'double')

const DIFFERENTIABLE = OPERATORS.filter((op) => OPERATOR_CASES[op].some(isChecked))

describe.each(DIFFERENTIABLE)('the gradient of %s', (op: OperatorName) => {
  it.each(OPERATOR_CASES[op].filter(isChecked))('is what central differences give: $name', async (example) => {
    const testCase = { op, ...example }
    const expected = await finiteDifferences(testCase)
    expect(gradientError(expected, await referenceGradients(testCase))).toBeLessThan(TOLERANCE)
    expect(gradientError(expected, await runtimeGradients(testCase))).toBeLessThan(RUNTIME_TOLERANCE)
  })
})

describe('operators without a gradient', () => {
  it('are those whose cases name no input that they are differentiable in', () => {
    const flat = OPERATORS.filter((op) => !DIFFERENTIABLE.includes(op))
    // Range refuses instead of being flat.
    expect(flat.filter((op) => GRADIENT_RULES[op] !== NO_GRADIENT)).toEqual(['Range'])
    expect(DIFFERENTIABLE.filter((op) => GRADIENT_RULES[op] === NO_GRADIENT)).toEqual([])
  })
})

describe('values that tie', () => {
  const gradientOf = async (op: OperatorName, x: TensorLiteral, attributes = {}): Promise<number[]> => {
    const graph = createTypedGraph({ name: op })
    const input = graph.input('x', 'float', x.shape)
    const y = graph.node(op, [input], attributes)
    const loss = graph.node('ReduceSum', [y], { keepdims: { int: 0 } })
    graph.output('dx', writeGradients(graph, loss, [input])[0]!)
    await using session = await createSession(encodeModel(graph.build()))
    return Array.from((await session.run({ x })).dx!.data, Number)
  }

  // What PyTorch 2.13 gives: max_pool2d picks the first, amax shares, relu is flat at 0.
  it.each([
    { kernel: [2, 2], strides: [2, 2], expected: [1, 0, 0, 0, 0, 0, 0, 1] },
    { kernel: [2, 3], strides: [1, 1], expected: [1, 0, 0, 0, 0, 0, 0, 1] },
  ])('send the gradient of MaxPool to the first: $kernel', async ({ kernel, strides, expected }) => {
    const attributes = { kernel_shape: { ints: kernel }, strides: { ints: strides } }
    expect(await gradientOf('MaxPool', floats([5, 5, 1, 1, 5, 5, 1, 7], [1, 1, 2, 4]), attributes)).toEqual(expected)
  })

  it('share the gradient of ReduceMax', async () => {
    expect(await gradientOf('ReduceMax', floats([3, 1, 3]))).toEqual([0.5, 0, 0.5])
  })

  it('at 0 are flat in Relu', async () => {
    expect(await gradientOf('Relu', floats([-1, 0, 1e-20, 1]))).toEqual([0, 0, 1, 1])
  })
})

describe('rows taken several times', () => {
  // The runtime's ScatterND loses such sums as soon as it has two threads.
  it('add up with two threads', async () => {
    const [rows, taken, width] = [200, 4096, 64]
    const graph = createTypedGraph({ name: 'embedding' })
    const table = graph.input('table', 'float', [rows, width])
    const ids = graph.input('ids', 'int64', [taken])
    const loss = graph.node('ReduceSum', [graph.node('Gather', [table, ids])], { keepdims: { int: 0 } })
    graph.output('gradient', writeGradients(graph, loss, [table])[0]!)
    await using session = await createSession(encodeModel(graph.build()), { threads: 2 })
    const feeds = {
      table: floats(new Float32Array(rows * width), [rows, width]),
      ids: int64s(Array.from({ length: taken }, (_, i) => i % 2)),
    }
    const { gradient } = await session.run(feeds)
    const sums = Float32Array.from({ length: rows * width }, (_, i) => (i < 2 * width ? taken / 2 : 0))
    expect(gradient!.data).toEqual(sums)
  })
})
