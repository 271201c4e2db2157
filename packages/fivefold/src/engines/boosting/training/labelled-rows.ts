import type { FeatureMatrix, Target } from '../../../data/index.ts'
import type { BoostingModel } from '../model/model.ts'

/** Rows with what is to be learnt of them. */
export interface LabelledRows {
  readonly features: FeatureMatrix
  readonly target: Target
  /** One a row, finite and not negative. */
  readonly weights?: Float32Array
  /** For 'lambdarank': rows of each query, one query after the other. */
  readonly queryRows?: ArrayLike<number>
}

export interface TrainingData extends LabelledRows {
  /** Rows on which the loss is followed; the same features and classes. */
  readonly validation?: LabelledRows
  /** Names of features whose values are category codes 0, 1, 2, ... */
  readonly categorical?: readonly string[]
  /** A model of the same features and objective that training continues from; its trees come first. */
  readonly initialModel?: BoostingModel
}
