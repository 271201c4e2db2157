import { type Context, createContext, FivefoldError, throwIfCancelled } from '../../../core/index.ts'
import type { OnnxModel } from '../../../onnx/index.ts'
import type { HistoryEntry } from '../checkpoint/index.ts'
import { type InferenceOptions, networkToOnnx } from '../network/compile.ts'
import type { Network } from '../network/network.ts'
import type { Weights } from '../network/weights.ts'
import { checkTrainingOptions } from './check-options.ts'
import { evaluateSource } from './evaluate-source.ts'
import { planTraining, TRAIN_PROGRAM, VALIDATION_PROGRAM } from './plan-training.ts'
import { startTraining, type Trainer } from './trainer.ts'
import type { BatchSource, TrainingOptions } from './training-options.ts'
import type { Batch, StepOutcome } from './training-plan.ts'
import { createProgress, type TrainingProgress } from './training-progress.ts'
import { untilCancelled } from './until-cancelled.ts'

/** A network with the weights that training gave it. */
export interface TrainedNetwork {
  readonly network: Network
  /** Parameters and states: of the best epoch where there are validation rows, else of the last; averaged where asked for. */
  readonly weights: Weights
  /** What was measured after each epoch: `epoch`, `step`, `train/loss`, and `validation/...` where there are such rows. */
  readonly history: readonly HistoryEntry[]
  /** Epoch, from 1, that `weights` are of. */
  readonly bestEpoch: number
  /** The model to serve, for any number of rows. */
  toOnnx(options?: InferenceOptions): OnnxModel
}

/** Steps that are handed to the training thread before the first of them is done, so that it never waits for data. */
const STEPS_AHEAD = 2

/**
 * Trains a network; everything heavy runs in threads of their own.
 *
 * Same data, options, seed, number of threads and workers give the same weights. With another number of threads, sums are
 * rounded in another order.
 *
 * @throws TRAIN_DIVERGED where the loss is no longer a number
 * @throws CHECKPOINT_INVALID where `resume` is of another network or optimiser
 * @throws PROVIDER_UNAVAILABLE where the execution provider is not there
 * @throws TRAIN_INPUT naming the field of a batch that is missing, of another type or size, or holds a class that there is not
 * @throws OPTION_INVALID, CANCELLED; what the data, a metric or the saving of a checkpoint throws
 */
export async function trainNetwork<Inputs extends string, Outputs extends string, Targets extends string>(
  network: Network<Inputs, Outputs>,
  options: TrainingOptions<Outputs, Targets>,
  context: Context = createContext(),
): Promise<TrainedNetwork> {
  throwIfCancelled(context.signal)
  checkTrainingOptions(options as TrainingOptions)
  const plan = await planTraining(network as Network, options as TrainingOptions, context)
  await using trainer = await startTraining(plan, { workers: options.workers ?? 1 })
  const progress = createProgress(options as TrainingOptions, trainer, context)
  if (options.resume !== undefined) await progress.resume(options.resume)
  while (!progress.isOver()) {
    await trainEpoch(trainer, options as TrainingOptions, progress, context)
    const validation =
      options.validation && (await validate(trainer, options as TrainingOptions, options.validation, context))
    await progress.endEpoch(validation)
  }
  const weights = await progress.result()
  return {
    network: network as Network,
    weights,
    history: progress.standing.history,
    bestEpoch: options.validation ? progress.standing.best.epoch : progress.standing.epoch,
    toOnnx: (inference) => networkToOnnx(network as Network, weights, inference),
  }
}

const validate = (
  trainer: Trainer,
  { metrics = {} }: TrainingOptions,
  source: BatchSource,
  { signal }: Context,
): Promise<Record<string, number>> =>
  evaluateSource(
    trainer,
    VALIDATION_PROGRAM,
    { ...source, epoch: (...at) => untilCancelled(source.epoch(...at), signal) },
    metrics,
  )

/** The updates of one epoch, or of what is left of it. Batches that do not make a whole update are left for no one. */
async function trainEpoch(
  trainer: Trainer,
  options: TrainingOptions,
  progress: TrainingProgress,
  context: Context,
): Promise<void> {
  const underWay: Promise<StepOutcome>[] = []
  const { epoch, batchInEpoch } = progress.standing
  const finishOne = async (): Promise<void> => progress.endStep(await underWay.shift()!)
  for await (const batches of untilCancelled(updatesOf(options, epoch, batchInEpoch), context.signal)) {
    const step = progress.standing.step + underWay.length
    const request = {
      program: TRAIN_PROGRAM,
      batches: batches.map((batch, i) => ({ ...batch, seed: maskSeed(context.seed, step, i) })),
      learningRate: progress.learningRate(step),
    }
    const outcome = trainer.step(request)
    // A failure is met when its turn comes; until then it must not count as unhandled.
    outcome.catch(() => {})
    underWay.push(outcome)
    const isCheckpointDue = progress.isCheckpointDue(step + 1)
    while (underWay.length > (isCheckpointDue ? 0 : STEPS_AHEAD)) await finishOne()
    if (isCheckpointDue) await progress.saveCheckpoint()
  }
  while (underWay.length > 0) await finishOne()
  if (progress.standing.lossCount === 0)
    throw new FivefoldError('TRAIN_INPUT', `epoch ${epoch + 1}: the source gave too few batches for one update`)
}

/** Batches in groups of `accumulate`. Those that wait for others are copied, since a source may use its arrays again. */
async function* updatesOf(options: TrainingOptions, epoch: number, firstBatch: number): AsyncGenerator<Batch[]> {
  const size = options.accumulate ?? 1
  let group: Batch[] = []
  for await (const batch of options.data.epoch(epoch, firstBatch)) {
    group.push(size === 1 ? batch : structuredClone(batch))
    if (group.length < size) continue
    yield group
    group = []
  }
}

/** Different for each step and micro-batch, and the same in a resumed run (murmur3's finaliser). */
function maskSeed(seed: number, step: number, part: number): number {
  let hash = Math.imul(seed ^ Math.imul(step + 1, 0x9e3779b1), 0x85ebca6b) + part
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) & 0x7fffffff
}
