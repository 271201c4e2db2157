import { FivefoldError } from '../../../core/index.ts'
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../checkpoint/index.ts'
import { PLATEAU_START, type PlateauState } from '../schedule/index.ts'
import { type BestEpoch, NO_BEST_EPOCH } from './best-epoch.ts'
import type { TrainerState } from './training-plan.ts'

/** Where a training run stands, besides weights and the optimiser's state, which are in the training thread. */
export interface TrainingStanding {
  /** Epochs done. */
  epoch: number
  /** Batches of the epoch under way that are done. */
  batchInEpoch: number
  /** Updates done. */
  step: number
  /** Of the epoch under way. */
  lossSum: number
  lossCount: number
  best: BestEpoch
  plateau: PlateauState
  history: Checkpoint['history']
}

export const atTheStart = (): TrainingStanding => ({
  ...{ epoch: 0, batchInEpoch: 0, step: 0, lossSum: 0, lossCount: 0 },
  ...{ best: NO_BEST_EPOCH, plateau: PLATEAU_START, history: [] },
})

/**
 * The bytes from which a run goes on as if it had not stopped.
 *
 * @param bestWeights of the best epoch, where there was one
 */
export function packCheckpoint(
  standing: Readonly<TrainingStanding>,
  state: TrainerState,
  bestWeights: Checkpoint['best'],
  seed: number,
): Uint8Array<ArrayBuffer> {
  const { epoch, batchInEpoch, step, lossSum, lossCount, best, plateau, history } = standing
  return encodeCheckpoint({
    ...state,
    ...{ epoch, step, positionInEpoch: batchInEpoch, seed, plateau, history },
    details: { lossSum, lossCount, best: { ...best } },
    ...(bestWeights && { best: bestWeights }),
  })
}

/** @throws CHECKPOINT_INVALID, CHECKPOINT_VERSION */
export function unpackCheckpoint(
  bytes: Uint8Array,
  seed: number,
): { standing: TrainingStanding; state: TrainerState; bestWeights: Checkpoint['best'] } {
  const saved = decodeCheckpoint(bytes)
  if (saved.seed !== seed) throw foreign(`it was made with seed ${saved.seed}, not ${seed}`)
  const { epoch, positionInEpoch, step, history, plateau = PLATEAU_START, best: bestWeights } = saved
  const { lossSum, lossCount, best } = saved.details
  if (typeof lossSum !== 'number' || typeof lossCount !== 'number' || !isBestEpoch(best))
    throw foreign('it is not of a training run of one network')
  const standing = {
    epoch,
    batchInEpoch: positionInEpoch,
    step,
    lossSum,
    lossCount,
    best,
    plateau,
    history,
  }
  return { standing, state: saved, bestWeights }
}

const isBestEpoch = (value: unknown): value is BestEpoch =>
  typeof value === 'object' && value !== null && 'epoch' in value && 'score' in value && 'badEpochs' in value

const foreign = (message: string): FivefoldError =>
  new FivefoldError('CHECKPOINT_INVALID', `the checkpoint does not fit this training: ${message}`)
