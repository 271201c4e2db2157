import type { FeatureMatrix } from '../../../data/index.ts'
import type { CategoryBins } from '../binning/categories.ts'
import type { FrequentValue } from '../binning/frequent-values.ts'
import type { Objective } from '../loss/objective.ts'
import type { BoostingParams } from '../parameters.ts'

/** Rows as the trainer sees them. Arrays lie over shared memory, so that threads read them without a copy. */
export interface TrainingRows {
  readonly rowCount: number
  readonly features: FeatureMatrix['values']
  /** 0 or 1, class codes, or scaled values. */
  readonly targets: Float32Array
  readonly weights: Float32Array | undefined
  /** Where each query's rows begin, and where the last one's end. */
  readonly queryStarts: Uint32Array | undefined
  /** For each output the scores to start from, in the trainer's units, where they are not the base scores. */
  readonly startScores: readonly Float32Array[] | undefined
}

/** What splits may do, by number of feature. */
export interface SplitRules {
  /** 1 where scores may only rise with the feature, -1 where they may only fall, 0 for the others. */
  readonly directions: Int32Array | undefined
  /** Sets of features that may meet on a path. */
  readonly interactions: readonly (readonly number[])[] | undefined
}

/** Rows that are held out in turn, in cross-validation. */
export interface Folds {
  readonly count: number
  /** Fold of each training row, over shared memory. */
  readonly ofRow: Uint8Array
  /** Base scores of each fold's training rows, in the trainer's units. */
  readonly baseScores: readonly (readonly number[])[]
}

/** All that decides a model: the same job gives the same model, whatever the number of threads. Can be cloned. */
export interface TrainingJob {
  readonly train: TrainingRows
  readonly validation: TrainingRows | undefined
  readonly featureNames: readonly string[]
  /** Bins of categorical features; undefined for the others. */
  readonly categories: readonly (CategoryBins | undefined)[]
  /** Of each feature the value that most training rows have, where there is one. */
  readonly frequent: readonly (FrequentValue | undefined)[]
  /** Empty except for classification. */
  readonly classes: readonly string[]
  readonly objective: Objective
  readonly params: BoostingParams
  readonly rules: SplitRules
  /** Whether the metric to stop by is a function of the caller's, and whether its higher values are better. */
  readonly customMetric: { readonly higherIsBetter: boolean } | undefined
  /** Undefined but for cross-validation. */
  readonly folds: Folds | undefined
  readonly seed: number
}
