import type { OnnxModel } from '../graph/model.ts'
import { createTypedGraph, type TypedGraph } from '../graph/typed-graph.ts'
import type { TypedValue } from '../graph/typed-value.ts'
import type { OperatorName } from '../operators/catalogue.ts'
import { encodeModel } from '../protobuf/model-proto.ts'
import type { OperatorCase } from '../reference/cases/operator-case.reference.ts'
import { createReferenceEvaluator } from '../reference/evaluator.ts'
import { createSession } from '../session/session.ts'
import type { TensorLiteral } from '../tensor.ts'
import { writeGradients } from './backward.ts'

/** One operator over given inputs, and which of them to differentiate in. */
export interface GradientCase
  extends Pick<OperatorCase, 'inputs' | 'attributes' | 'differentiableInputs' | 'outputCount' | 'opset'> {
  readonly op: OperatorName
}

type Feeds = Record<string, TensorLiteral>

const inputName = (index: number): string => `input${index}`
const gradientName = (index: number): string => `gradient${index}`

/** Outputs that serve the backward pass and have no gradient themselves. */
const STATISTICS: Partial<Record<OperatorName, readonly number[]>> = {
  BatchNormalization: [1, 2],
  LayerNormalization: [1, 2],
  SimplifiedLayerNormalization: [1],
  RMSNormalization: [1],
  'com.microsoft.SkipLayerNormalization': [1, 2],
}

/** A loss over the operator's real outputs: each value times a number of its own, so that no error cancels another. */
function weightedOutputs(graph: TypedGraph, outputs: readonly TypedValue[]): TypedValue {
  const parts = outputs
    .filter(({ type }) => type === 'float' || type === 'double')
    .map((output, part) => {
      const shape = output.shape as readonly number[]
      const count = shape.reduce((product, size) => product * size, 1)
      const data = Array.from({ length: count }, (_, i) => Math.sin(1 + 2.3 * i + part) + 0.2)
      const literal: TensorLiteral =
        output.type === 'double'
          ? { type: 'double', shape, data: Float64Array.from(data) }
          : { type: 'float', shape, data: Float32Array.from(data) }
      return graph.node('ReduceSum', [graph.node('Mul', [output, graph.constant(literal)])], { keepdims: { int: 0 } })
    })
  return parts.reduce((sum, part) => graph.node('Add', [sum, part]))
}

function writeCase(testCase: GradientCase, type: 'float' | 'double', withGradients: boolean): OnnxModel {
  const graph = createTypedGraph({ name: testCase.op, opset: testCase.opset })
  const inputs = testCase.inputs.map((literal, i) => {
    if (literal === undefined) return undefined
    // Scales and regions of Resize are single precision beside any type.
    const typed = testCase.op === 'Resize' && i > 0 ? literal : asType(literal, type)
    return testCase.differentiableInputs.includes(i)
      ? graph.input(inputName(i), typed.type, typed.shape)
      : graph.constant(typed)
  })
  const outputs = graph.nodeWithOutputs(testCase.op, testCase.outputCount, inputs, testCase.attributes)
  const statistics = STATISTICS[testCase.op] ?? []
  const loss = weightedOutputs(
    graph,
    outputs.filter((_, i) => !statistics.includes(i)),
  )
  graph.output('loss', loss)
  if (!withGradients) return graph.build()
  const wrt = testCase.differentiableInputs.map((i) => inputs[i]!)
  writeGradients(graph, loss, wrt).forEach((gradient, i) => {
    if (gradient === undefined)
      throw new Error(`${testCase.op}: input ${testCase.differentiableInputs[i]} has no gradient`)
    graph.output(gradientName(testCase.differentiableInputs[i]!), gradient)
  })
  return graph.build()
}

const asType = (literal: TensorLiteral, type: 'float' | 'double'): TensorLiteral =>
  literal.type === 'float' && type === 'double'
    ? { type: 'double', shape: literal.shape, data: Float64Array.from(literal.data) }
    : literal

const feedsOf = (testCase: GradientCase, type: 'float' | 'double'): Feeds =>
  Object.fromEntries(testCase.differentiableInputs.map((i) => [inputName(i), asType(testCase.inputs[i]!, type)]))

/** Largest difference over the gradients of all inputs, relative to the largest value of each gradient (at least 1). */
export function gradientError(expected: ReadonlyMap<number, Float64Array>, actual: Feeds): number {
  const errors = [...expected].map(([index, values]) => {
    const data = actual[gradientName(index)]?.data ?? []
    if (data.length !== values.length) return Number.POSITIVE_INFINITY
    const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1)
    return values.reduce((largest, value, i) => {
      const difference = Math.abs(value - Number(data[i])) / scale
      return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(largest, difference)
    }, 0)
  })
  return Math.max(...errors)
}

/** Central differences of the loss, computed in double precision by the reference evaluator. */
export async function finiteDifferences(testCase: GradientCase): Promise<Map<number, Float64Array>> {
  const evaluator = createReferenceEvaluator(writeCase(testCase, 'double', false))
  const feeds = feedsOf(testCase, 'double')
  const lossAt = async (name: string, at: number, value: number): Promise<number> => {
    const data = Float64Array.from(feeds[name]!.data as Float64Array)
    data[at] = value
    const result = await evaluator.run({ ...feeds, [name]: { type: 'double', shape: feeds[name]!.shape, data } })
    return Number(result.loss!.data[0])
  }
  const gradients = new Map<number, Float64Array>()
  for (const index of testCase.differentiableInputs) {
    const values = feeds[inputName(index)]!.data as Float64Array
    const gradient = new Float64Array(values.length)
    for (const [i, value] of values.entries()) {
      const h = 1e-5 * Math.max(1, Math.abs(value))
      const [above, below] = [
        await lossAt(inputName(index), i, value + h),
        await lossAt(inputName(index), i, value - h),
      ]
      gradient[i] = (above - below) / (2 * h)
    }
    gradients.set(index, gradient)
  }
  return gradients
}

/** The gradients that the rules write, in double precision by the reference evaluator. */
export const referenceGradients = (testCase: GradientCase): Promise<Feeds> =>
  createReferenceEvaluator(writeCase(testCase, 'double', true)).run(feedsOf(testCase, 'double'))

/** The gradients that the rules write, in single precision by ONNX Runtime. */
export async function runtimeGradients(testCase: GradientCase): Promise<Feeds> {
  await using session = await createSession(encodeModel(writeCase(testCase, 'float', true)))
  return await session.run(feedsOf(testCase, 'float'))
}
