import { type Context, createContext, FivefoldError } from '../../../core/index.ts'
import type { FeatureMatrix, Predictions, Target } from '../../../data/index.ts'
import {
  createOperations,
  createSession,
  createTypedGraph,
  encodeModel,
  type OnnxModel,
  type TensorLiteral,
  writeGradients,
} from '../../../onnx/index.ts'
import { createArrayDataset, createLoader, type Dataset } from '../data/index.ts'
import { crossEntropy } from '../losses/cross-entropy.ts'
import { meanSquared } from '../losses/regression.ts'
import type { Loss } from '../network/compile.ts'
import { networkToOnnx } from '../network/compile.ts'
import { defineNetwork, tensor } from '../network/network.ts'
import { createScope } from '../network/scope.ts'
import { type Weights, weightOf } from '../network/weights.ts'
import { adamw, withoutDecay } from '../optimizer/index.ts'
import { trainNetwork } from '../training/train-network.ts'
import type { TabularNetwork } from './tabular-network.ts'

export interface TabularParams {
  /** Default 1e-3. */
  readonly learningRate?: number
  /** Default 1e-4. */
  readonly weightDecay?: number
  /** Default 256, or all rows where there are fewer. */
  readonly batchSize?: number
  /** Upper bound. Default 100 with validation rows, 30 without. */
  readonly epochs?: number
  /** Epochs without a better validation loss after which training ends. Default 10. */
  readonly patience?: number
}

export interface TabularData {
  readonly features: FeatureMatrix
  readonly target: Target
  readonly validation?: { readonly features: FeatureMatrix; readonly target: Target }
}

/** A network that was trained on a table. */
export interface TabularModel {
  readonly network: TabularNetwork
  readonly weights: Weights
  /** Absent for numbers. */
  readonly classes?: readonly string[]
  /** Numbers are learned as (value - mean) / deviation. */
  readonly scale: { readonly mean: number; readonly deviation: number }
  readonly featureNames: readonly string[]
  /** Epoch of the weights. */
  readonly epochs: number
}

const DEFAULT_BATCH = 256

/**
 * Trains a network on features that are scaled and complete, with AdamW (no decay of biases and norms) and, where there are
 * validation rows, early stopping on their loss. One thread inside operators: more would change roundings, and such networks
 * gain little from them.
 *
 * @throws TRAIN_INPUT where features or numbers are not finite
 * @throws TRAIN_DIVERGED, CANCELLED
 */
export async function trainTabular(
  build: (features: number, outputs: number) => TabularNetwork,
  data: TabularData,
  params: TabularParams = {},
  context: Context = createContext(),
): Promise<TabularModel> {
  const { features, target, validation } = data
  const scale = scaleOf(target)
  const network = build(features.names.length, target.kind === 'classes' ? target.classes.length : 1)
  const batchSize = Math.min(params.batchSize ?? DEFAULT_BATCH, features.rowCount)
  const single = { ...context, threads: 1 }
  const loader = createLoader(datasetOf(features, target, scale), { batchSize, last: 'drop' }, single)
  const heldOut = validation && datasetOf(validation.features, validation.target, scale)
  const inOrder = { batchSize: DEFAULT_BATCH, sampling: { kind: 'sequential' } } as const
  const trained = await trainNetwork(
    network,
    {
      data: loader,
      ...(heldOut && { validation: createLoader(heldOut, inOrder, single) }),
      ...(heldOut && { earlyStopping: { patience: params.patience ?? 10 } }),
      targets: { target: target.kind === 'classes' ? tensor('int64') : tensor('float', 1) },
      loss: lossOf(target),
      optimizer: adamw({ learningRate: params.learningRate ?? 1e-3, weightDecay: params.weightDecay ?? 1e-4 }),
      groups: [withoutDecay],
      clipNorm: 1,
      epochs: params.epochs ?? (heldOut ? 100 : 30),
    },
    single,
  )
  return {
    ...{ network, weights: trained.weights, scale, featureNames: features.names, epochs: trained.bestEpoch },
    ...(target.kind === 'classes' && { classes: target.classes }),
  }
}

const lossOf = (target: Target): Loss<'scores', 'target'> =>
  target.kind === 'classes'
    ? crossEntropy({ output: 'scores', target: 'target' })
    : meanSquared({ output: 'scores', target: 'target' })

function scaleOf(target: Target): TabularModel['scale'] {
  if (target.kind === 'classes') return { mean: 0, deviation: 1 }
  const { values } = target
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  if (!Number.isFinite(variance)) throw new FivefoldError('TRAIN_INPUT', 'the target has values that are not finite')
  return { mean, deviation: Math.sqrt(variance) || 1 }
}

function datasetOf(features: FeatureMatrix, target: Target, { mean, deviation }: TabularModel['scale']): Dataset {
  const rows = rowsOf(features)
  if (!rows.every(Number.isFinite))
    throw new FivefoldError(
      'TRAIN_INPUT',
      'networks take features that are complete and finite: fill and scale them first',
    )
  const values =
    target.kind === 'classes'
      ? { data: BigInt64Array.from(target.codes, BigInt) }
      : { data: Float32Array.from(target.values, (value) => (value - mean) / deviation), shape: [1] }
  return createArrayDataset({ features: { data: rows, shape: [features.names.length] }, target: values })
}

/** Columns to rows, [rows, features]. */
export function rowsOf({ rowCount, values }: FeatureMatrix): Float32Array {
  const rows = new Float32Array(rowCount * values.length)
  values.forEach((column, feature) => {
    for (let row = 0; row < rowCount; row++) rows[row * values.length + feature] = column[row]!
  })
  return rows
}

/**
 * The model as ONNX: `features` [N, count] to `prediction`, probabilities [N, classes] or numbers [N, 1].
 *
 * @param opset default 17, which feature graphs are written in
 */
export function tabularToOnnx({ network, weights, classes, scale }: TabularModel, opset = 17): OnnxModel {
  const finished = defineNetwork({
    name: network.name,
    inputs: network.inputs,
    forward(scope, inputs) {
      const operations = createOperations(scope.graph)
      const { scores } = network.forward(scope, inputs)
      if (classes) return { prediction: scope.graph.node('Softmax', [scores], { axis: { int: -1 } }) }
      return { prediction: operations.shift(operations.scale(scores, scale.deviation), scale.mean) }
    },
  })
  return networkToOnnx(finished, weights, { opset })
}

/** Rows that are predicted at once. */
const PREDICTION_ROWS = 4096

export async function predictTabular(model: TabularModel, features: FeatureMatrix): Promise<Predictions> {
  const width = features.names.length
  const outputs = model.classes?.length ?? 1
  const rows = rowsOf(features)
  const values = new Float64Array(features.rowCount * outputs)
  await using session = await createSession(encodeModel(tabularToOnnx(model)))
  for (let from = 0; from < features.rowCount; from += PREDICTION_ROWS) {
    const count = Math.min(PREDICTION_ROWS, features.rowCount - from)
    const data = rows.subarray(from * width, (from + count) * width)
    const { prediction } = await session.run({ features: { type: 'float', shape: [count, width], data } })
    values.set(prediction!.data as Float32Array, from * outputs)
  }
  if (model.classes === undefined) return { kind: 'number', values }
  return { kind: 'classes', classes: model.classes, probabilities: normalizeRows(values, outputs) }
}

/** Sums of single-precision probabilities are 1 only to seven digits. */
function normalizeRows(values: Float64Array, width: number): Float64Array {
  for (let from = 0; from < values.length; from += width) {
    const row = values.subarray(from, from + width)
    const sum = row.reduce((total, value) => total + value, 0)
    for (let i = 0; i < width; i++) row[i]! /= sum
  }
  return values
}

/**
 * How much each feature moves the scores: the mean absolute gradient of a number, or of the log probability of the likeliest
 * class, in that feature over the rows; shares that sum to 1 (Simonyan et al. 2014, saliency). Features must have like scales.
 */
export async function tabularSaliency(model: TabularModel, features: FeatureMatrix): Promise<Float64Array> {
  const width = features.names.length
  const rowCount = Math.min(features.rowCount, PREDICTION_ROWS)
  const data: TensorLiteral = {
    type: 'float',
    shape: [rowCount, width],
    data: rowsOf(features).subarray(0, rowCount * width),
  }
  await using session = await createSession(encodeModel(saliencyGraph(model, rowCount)))
  const { gradient } = await session.run({ features: data })
  const shares = new Float64Array(width)
  for (const [i, value] of (gradient!.data as Float32Array).entries()) shares[i % width]! += Math.abs(value)
  const total = shares.reduce((sum, share) => sum + share, 0) || 1
  return shares.map((share) => share / total)
}

function saliencyGraph({ network, weights, classes }: TabularModel, rowCount: number): OnnxModel {
  const graph = createTypedGraph({ name: `${network.name} saliency` })
  const { scope } = createScope(graph, false, (name, shape) =>
    graph.initializer(name, { type: 'float', shape, data: weightOf(weights, name, shape) }),
  )
  const features = graph.input('features', 'float', [rowCount, ...network.inputs.features.shape])
  const { scores } = network.forward(scope, { features })
  const { ints, sum } = createOperations(graph)
  const likeliest = classes && graph.node('LogSoftmax', [scores], { axis: { int: -1 } })
  const perRow = likeliest
    ? graph.node('ReduceMax', [likeliest, ints([1])], { keepdims: { int: 0 } })
    : sum(scores, [1])
  const [gradient] = writeGradients(graph, sum(perRow, [0]), [features])
  graph.output('gradient', gradient!)
  return graph.build()
}
