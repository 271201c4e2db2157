import { FivefoldError } from '../../core/index.ts'
import { floatAttribute } from '../graph/attribute.ts'
import type { Operations } from '../graph/operations.ts'
import { fixedShape, type TypedNode, type TypedValue } from '../graph/typed-value.ts'
import { elementCount } from '../tensor.ts'
import { dropoutMask } from './dropout-mask.ts'
import { normalizeBatch } from './rules/normalization.ts'

/** Statistics of a batch in one BatchNormalization of a training graph. */
export interface BatchMoments {
  /** The values that inference normalizes with, as the model names them. */
  readonly runningMean: TypedValue
  readonly runningVariance: TypedValue
  /** [channels]; the variance divides by the count. */
  readonly mean: TypedValue
  readonly variance: TypedValue
  /** How many values of a channel the batch has. PyTorch averages `variance * count / (count - 1)`. */
  readonly count: number
  /** Share of the old value in the average: running = momentum * running + (1 - momentum) * batch. */
  readonly momentum: number
}

/** The graph input that masks of dropout are drawn from, int32 []. */
export const DROPOUT_SEED = 'dropout_seed'

export interface TrainingFormOptions {
  /** The nodes to rewrite. Default all. */
  readonly nodes?: readonly TypedNode[]
  /** What masks of dropout are drawn from, int32 []. Default the input `dropout_seed`, which is there where a Dropout is. */
  readonly seed?: () => TypedValue
}

/**
 * Rewrites a graph of inference as it is trained: BatchNormalization uses the statistics of the batch, Dropout drops.
 *
 * @returns the statistics of each BatchNormalization, in order
 */
export function toTrainingForm(ops: Operations, options: TrainingFormOptions = {}): BatchMoments[] {
  const moments: BatchMoments[] = []
  let input: TypedValue | undefined
  const ownSeed = (): TypedValue => {
    input ??= ops.graph.input(DROPOUT_SEED, 'int32', [])
    return input
  }
  for (const node of [...(options.nodes ?? ops.graph.nodes)]) {
    if (node.op === 'BatchNormalization') moments.push(useBatchStatistics(node, ops))
    if (node.op === 'Dropout' && rateOf(node) > 0) dropSeeded(node, (options.seed ?? ownSeed)(), ops)
  }
  return moments
}

function useBatchStatistics(node: TypedNode, ops: Operations): BatchMoments {
  const [x, scale, bias, runningMean, runningVariance] = node.inputs as readonly TypedValue[]
  const epsilon = floatAttribute(node.attributes, 'epsilon', 1e-5)
  const momentum = floatAttribute(node.attributes, 'momentum', 0.9)
  let batch: ReturnType<typeof normalizeBatch> | undefined
  ops.graph.replace(node, () => {
    batch = normalizeBatch(x!, scale!, bias!, epsilon, ops)
    const average = (running: TypedValue, ofBatch: TypedValue): TypedValue =>
      ops.add(ops.scale(running, momentum), ops.scale(ofBatch, 1 - momentum))
    return [
      batch.y,
      node.outputs[1] && average(runningMean!, batch.mean),
      node.outputs[2] && average(runningVariance!, batch.variance),
    ]
  })
  const shape = fixedShape(x!)
  return {
    runningMean: runningMean!,
    runningVariance: runningVariance!,
    mean: batch!.mean,
    variance: batch!.variance,
    count: elementCount(shape) / shape[1]!,
    momentum,
  }
}

/** The share that a Dropout drops; 0.5 where it does not say. */
function rateOf(node: TypedNode): number {
  const ratio = node.inputs[1]
  if (ratio === undefined) return floatAttribute(node.attributes, 'ratio', 0.5)
  if (ratio.constant !== undefined) return Number(ratio.constant.data[0])
  throw new FivefoldError(
    'GRAPH_UNSUPPORTED',
    `node '${node.name}': the ratio of Dropout must be constant to be trained`,
  )
}

function dropSeeded(node: TypedNode, seed: TypedValue, ops: Operations): void {
  const x = node.inputs[0]!
  ops.graph.replace(node, () => {
    const mask = dropoutMask(ops, { seed, layer: node.name }, fixedShape(x), rateOf(node))
    const isKept = node.outputs[1] && ops.cast(mask, 'bool')
    return [ops.mul(x, ops.cast(mask, x.type)), isKept]
  })
}
