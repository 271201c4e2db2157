import type { ObjectiveName } from '../loss/objective.ts'
import type { BoostingParams } from '../parameters.ts'
import type { Trees } from './trees.ts'

/** Mean loss after each round: log loss, or squared error in squared units of the target. */
export interface LossHistory {
  readonly train: readonly number[]
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
