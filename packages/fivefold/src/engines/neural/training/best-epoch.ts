import { FivefoldError } from '../../../core/index.ts'
import type { EarlyStopping } from './training-options.ts'

/** Which epoch measured best so far; plain JSON. */
export interface BestEpoch {
  /** From 1; 0 before the first. */
  readonly epoch: number
  readonly score: number | null
  /** Epochs since then. */
  readonly badEpochs: number
}

export const NO_BEST_EPOCH: BestEpoch = { epoch: 0, score: null, badEpochs: 0 }

/**
 * What is best after one more epoch. A score that is not a number is never better.
 *
 * @throws OPTION_INVALID where the metric to follow is not measured
 */
export function afterEpoch(
  best: BestEpoch,
  epoch: number,
  measured: Readonly<Record<string, number>>,
  { metric = 'loss', maximize = false }: Partial<EarlyStopping> = {},
): BestEpoch {
  const score = measured[metric]
  if (score === undefined)
    throw new FivefoldError('OPTION_INVALID', `early stopping follows '${metric}', which is not measured`, {
      remedy: `Choose one of ${Object.keys(measured).join(', ')}.`,
    })
  const isBetter = best.score === null ? !Number.isNaN(score) : maximize ? score > best.score : score < best.score
  return isBetter ? { epoch, score, badEpochs: 0 } : { ...best, badEpochs: best.badEpochs + 1 }
}

export const isPatienceOver = ({ badEpochs }: BestEpoch, stopping: EarlyStopping | undefined): boolean =>
  stopping !== undefined && badEpochs > stopping.patience
