import type { ExecutionProvider } from '../../../onnx/index.ts'
import type { Loss } from '../network/compile.ts'
import type { TensorSpec } from '../network/network.ts'
import type { Weights } from '../network/weights.ts'
import type { AveragingDefinition, OptimizerDefinition, ParameterGroup } from '../optimizer/index.ts'
import type { Plateau, Schedule } from '../schedule/index.ts'
import type { Batch, BatchArray } from './training-plan.ts'

/** A number that is measured over a whole data set: `outputs` and `targets` hold all its rows, in order. */
export type EpochMetric = (
  outputs: Readonly<Record<string, BatchArray>>,
  targets: Readonly<Record<string, BatchArray>>,
) => number

/** Where batches come from: `createLoader` makes one. */
export interface BatchSource {
  /** Rows of every batch; those that only fill up the last one have weight 0. */
  readonly batchSize: number
  /** Batches of an epoch. */
  readonly batchCount: number
  /**
   * The batches of an epoch from `firstBatch` on, the same at each call. A batch need only be valid until the next is asked
   * for.
   */
  epoch(epoch: number, firstBatch: number): AsyncIterable<Batch> | Iterable<Batch>
}

export interface EarlyStopping {
  /** Which of the metrics, or `loss`, decides which epoch is the best. Default `loss`. */
  readonly metric?: string
  /** Whether higher values are better. Default false. */
  readonly maximize?: boolean
  /** Epochs without an improvement after which training ends. */
  readonly patience: number
}

export interface CheckpointOptions {
  /** Stores a checkpoint in place of the one before, so that a crash leaves one of the two whole. */
  save(checkpoint: Uint8Array): Promise<void>
  /** Updates between checkpoints besides the one after each epoch. Default none. */
  readonly everySteps?: number
}

export interface OptimizationOptions {
  /** Default AdamW with a learning rate of 0.001. */
  readonly optimizer?: OptimizerDefinition
  /** Learning rate over updates. Default constant. */
  readonly schedule?: Schedule
  /** Learning rate by the validation loss, measured each epoch; multiplies the schedule's. */
  readonly plateau?: Plateau
  /** Learning rates, weight decay and freezing of parameters by name. */
  readonly groups?: readonly ParameterGroup[]
  /** Gradients are scaled down to this norm. */
  readonly clipNorm?: number
  /** Gradients are brought into [-clipValue, clipValue]. */
  readonly clipValue?: number
  /** Batches for each update. Default 1. */
  readonly accumulate?: number
  /** Averages of the weights, which are then validated and returned in place of the last ones. */
  readonly averaging?: AveragingDefinition
}

export interface TrainingOptions<Outputs extends string = string, Targets extends string = string>
  extends OptimizationOptions {
  readonly data: BatchSource
  /** Rows that are measured after each epoch: without them there is no early stopping. */
  readonly validation?: BatchSource
  readonly targets: Readonly<Record<Targets, TensorSpec>>
  readonly loss: Loss<Outputs, Targets>
  /** Measured over the validation rows after each epoch. */
  readonly metrics?: Readonly<Record<string, EpochMetric>>
  readonly epochs: number
  readonly earlyStopping?: EarlyStopping
  /** Weights to start from, by name; the others are drawn. */
  readonly initial?: Weights
  /** Threads that share the batches of each update: no more than there are cores, and `accumulate` a multiple. Default 1. */
  readonly workers?: number
  /** What computes the graphs; nodes that a provider lacks run on the CPU. Default cpu. */
  readonly provider?: ExecutionProvider
  readonly checkpoint?: CheckpointOptions
  /** A checkpoint to go on from: the result is that of a run that was never interrupted. */
  readonly resume?: Uint8Array
}
