import type { ColumnSchema } from '../data/index.ts'
import { createGraphBuilder, type GraphBuilder, type ValueRef } from '../onnx/index.ts'
import type { FittedFeatures } from '../prepare/index.ts'
import type { Problem } from '../problem/index.ts'
import type { FittedEstimator } from './estimator.ts'

/** A column of the graph's answer. */
export interface ModelOutput {
  readonly name: string
  readonly type: 'string' | 'float'
}

export interface AssembledModel {
  /** ONNX bytes: raw columns in, label and probabilities (or the prediction) out. */
  readonly model: Uint8Array
  readonly inputs: readonly ColumnSchema[]
  readonly outputs: readonly ModelOutput[]
}

/** Puts preprocessing, model and decision into one graph; what is evaluated is exactly what will be served. */
export function assembleModel(
  problem: Problem,
  features: FittedFeatures,
  estimator: FittedEstimator,
  threshold: number | null,
): AssembledModel {
  const builder = createGraphBuilder({ name: problem.target })
  const raw = new Map(
    features.inputs.map((column) => [column.name, builder.input(column.name, column.tensor, ['N', 1])]),
  )
  const answer = estimator.compile(builder, features.compile(builder, raw))
  const outputs =
    problem.task === 'classification'
      ? classOutputs(builder, problem, answer, threshold)
      : numberOutputs(builder, answer)
  return { model: builder.build(), inputs: features.inputs, outputs }
}

function numberOutputs(builder: GraphBuilder, prediction: ValueRef): ModelOutput[] {
  builder.output('prediction', prediction, 'float', ['N', 1])
  return [{ name: 'prediction', type: 'float' }]
}

function classOutputs(
  builder: GraphBuilder,
  problem: Problem,
  probabilities: ValueRef,
  threshold: number | null,
): ModelOutput[] {
  const perClass = problem.classes.map((_, index) => column(builder, probabilities, index))
  const index =
    threshold === null
      ? builder.node('ArgMax', [probabilities], { axis: { int: 1 }, keepdims: { int: 1 } })
      : positiveIndex(builder, perClass[1]!, threshold)
  const label = builder.node(
    'LabelEncoder',
    [index],
    { keys_int64s: { ints: problem.classes.map((_, i) => i) }, values_strings: { strings: problem.classes } },
    { domain: 'ai.onnx.ml', name: 'label' },
  )
  builder.output('label', label, 'string', ['N', 1])
  const outputs: ModelOutput[] = [{ name: 'label', type: 'string' }]
  for (const [i, name] of problem.classes.map((c) => `probability_${c}`).entries()) {
    builder.output(name, perClass[i]!, 'float', ['N', 1])
    outputs.push({ name, type: 'float' })
  }
  return outputs
}

function column(builder: GraphBuilder, matrix: ValueRef, index: number): ValueRef {
  const at = builder.constant({ type: 'int64', shape: [1], data: BigInt64Array.of(BigInt(index)) })
  return builder.node('Gather', [matrix, at], { axis: { int: 1 } }, { name: 'probability' })
}

/** 1 where the positive probability reaches the threshold, else 0. Compared in float32, as the probability is. */
function positiveIndex(builder: GraphBuilder, positive: ValueRef, threshold: number): ValueRef {
  const limit = builder.constant({ type: 'float', shape: [1], data: Float32Array.of(threshold) })
  const reached = builder.node('GreaterOrEqual', [positive, limit])
  return builder.node('Cast', [reached], { to: { int: ONNX_INT64 } })
}

/** TensorProto.DataType.INT64 */
const ONNX_INT64 = 7
