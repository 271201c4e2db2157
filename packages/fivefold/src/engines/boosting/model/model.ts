import type { ObjectiveName } from '../loss/objective.ts'
import type { BoostingParams } from '../parameters.ts'
import type { Trees } from './trees.ts'

/**
 * Mean loss after each round, in the target's units: log loss, squared, absolute, Huber or quantile error, half the
 * deviance (poisson, gamma, tweedie), or 1 - NDCG. Empty for a custom objective, whose loss is not known.
 */
export interface LossHistory {
  readonly train: readonly number[]
  /** What early stopping followed, where that was a metric and not the loss. */
  readonly metric?: readonly number[]
  /** Empty where no validation rows were given. */
  readonly validation: readonly number[]
}

/** A trained model: plain data. */
export interface BoostingModel {
  readonly kind: 'boosting'
  readonly featureNames: readonly string[]
  readonly objective: ObjectiveName
  /** Empty except for classification. */
  readonly classes: readonly string[]
  /**
   * Features whose values are category codes 0, 1, 2, ... Other values of theirs, as NaN, are missing; a category that a
   * split does not know goes where the split sends missing values, in models trained here.
   */
  readonly categoricalFeatures: readonly string[]
  /** Score before any tree: one, or one a class for softmax. */
  readonly baseScores: readonly number[]
  readonly trees: Trees
  readonly params: BoostingParams
  readonly history: LossHistory
  /** Rounds (counted from 1) at the lowest validation loss; all of them where there was none. Later rounds are in the model only without early stopping. */
  readonly bestRound: number
}
