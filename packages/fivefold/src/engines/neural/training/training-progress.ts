import { type Context, FivefoldError } from '../../../core/index.ts'
import type { HistoryEntry } from '../checkpoint/index.ts'
import type { Weights } from '../network/weights.ts'
import { adamw } from '../optimizer/index.ts'
import { afterMeasurement, scheduleFactor } from '../schedule/index.ts'
import { afterEpoch, isPatienceOver } from './best-epoch.ts'
import type { TrainingThread } from './trainer.ts'
import type { TrainingOptions } from './training-options.ts'
import type { StepOutcome } from './training-plan.ts'
import { atTheStart, type TrainingStanding, unpackCheckpoint } from './training-standing.ts'

/** Counts a training run along: reports it, follows the best epoch, and keeps the checkpoint. */
export interface TrainingProgress {
  readonly standing: Readonly<TrainingStanding>
  isOver(): boolean
  learningRate(step: number): number
  isCheckpointDue(step: number): boolean
  /** Throws TRAIN_DIVERGED where the loss is not finite. */
  endStep(outcome: StepOutcome): void
  endEpoch(validation: Readonly<Record<string, number>> | undefined): Promise<void>
  saveCheckpoint(): Promise<void>
  /** Goes on from a checkpoint. */
  resume(checkpoint: Uint8Array): Promise<void>
  /** The weights to keep. */
  result(): Promise<Weights>
}

export function createProgress(options: TrainingOptions, trainer: TrainingThread, context: Context): TrainingProgress {
  const { data, earlyStopping, plateau, schedule, checkpoint, accumulate = 1 } = options
  const { learningRate } = options.optimizer ?? adamw()
  const totalSteps = Math.floor(data.batchCount / accumulate) * options.epochs
  const standing = atTheStart()
  let lastCheckpointStep: number | undefined

  const saveCheckpoint = async (): Promise<void> => {
    if (checkpoint === undefined) return
    await checkpoint.save(await trainer.packCheckpoint(standing, context.seed))
    lastCheckpointStep = standing.step
  }
  const judge = async (validation: Readonly<Record<string, number>>): Promise<void> => {
    if (plateau) standing.plateau = afterMeasurement(plateau, standing.plateau, validation.loss!)
    standing.best = afterEpoch(standing.best, standing.epoch, validation, earlyStopping)
    if (standing.best.epoch === standing.epoch) await trainer.keepBest()
  }
  return {
    standing,
    saveCheckpoint,
    isOver: () => standing.epoch >= options.epochs || isPatienceOver(standing.best, earlyStopping),
    learningRate: (step) => learningRate * standing.plateau.factor * (schedule ? scheduleFactor(schedule, step) : 1),
    isCheckpointDue: (step) => checkpoint?.everySteps !== undefined && step % checkpoint.everySteps === 0,
    endStep(outcome) {
      if (!Number.isFinite(outcome.loss)) throw diverged(standing, outcome.loss, lastCheckpointStep)
      standing.step++
      standing.batchInEpoch += accumulate
      standing.lossSum += outcome.loss
      standing.lossCount++
      reportStep(context, standing.step, totalSteps, outcome)
    },
    async endEpoch(validation) {
      standing.epoch++
      standing.batchInEpoch = 0
      const entry = epochEntry(standing, validation)
      standing.history = [...standing.history, entry]
      reportEpoch(context, entry)
      standing.lossSum = 0
      standing.lossCount = 0
      if (validation) await judge(validation)
      await saveCheckpoint()
    },
    async resume(bytes) {
      const saved = unpackCheckpoint(bytes, context.seed)
      await trainer.restore(saved.state)
      if (saved.bestWeights) await trainer.keepBest(saved.bestWeights)
      Object.assign(standing, saved.standing)
      lastCheckpointStep = standing.step
    },
    async result() {
      const tensors = await trainer.resultingWeights()
      return new Map(Array.from(tensors, ([name, { values }]) => [name, values]))
    },
  }
}

function reportStep(
  { run, progress }: Context,
  step: number,
  total: number,
  { loss, gradientNorm }: StepOutcome,
): void {
  run.metric('train/step_loss', loss, step)
  if (gradientNorm !== undefined) run.metric('train/gradient_norm', gradientNorm, step)
  progress({ stage: 'train', done: step, total, note: `loss ${loss.toPrecision(4)}` })
}

function reportEpoch({ run }: Context, { epoch, step: _, ...measured }: HistoryEntry): void {
  for (const [name, value] of Object.entries(measured)) run.metric(name, value, epoch)
}

function epochEntry(
  { epoch, step, lossSum, lossCount }: TrainingStanding,
  validation: Readonly<Record<string, number>> | undefined,
): HistoryEntry {
  const measured = Object.entries(validation ?? {}).map(([name, value]) => [`validation/${name}`, value] as const)
  return { epoch, step, 'train/loss': lossSum / lossCount, ...Object.fromEntries(measured) }
}

function diverged({ step, epoch }: TrainingStanding, loss: number, checkpointStep: number | undefined): FivefoldError {
  const saved =
    checkpointStep === undefined ? 'there is no checkpoint' : `the last checkpoint is of step ${checkpointStep}`
  return new FivefoldError('TRAIN_DIVERGED', `the loss is ${loss} at step ${step + 1} (epoch ${epoch + 1}); ${saved}`, {
    remedy:
      'Look for missing or huge values in the data; else lower the learning rate to a third, warm it up, or clip gradients with clipNorm: 1.',
  })
}
