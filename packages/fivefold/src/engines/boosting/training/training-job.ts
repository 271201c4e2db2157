import type { FeatureMatrix } from '../../../data/index.ts'
import type { Objective } from '../loss/objective.ts'
import type { BoostingParams } from '../parameters.ts'

/** Rows as the trainer sees them. Arrays lie over shared memory, so that threads read them without a copy. */
export interface TrainingRows {
  readonly rowCount: number
  readonly features: FeatureMatrix['values']
  /** 0 or 1, class codes, or scaled values. */
  readonly targets: Float32Array
}

/** All that decides a model: the same job gives the same model, whatever the number of threads. Can be cloned. */
export interface TrainingJob {
  readonly train: TrainingRows
  readonly weights: Float32Array | undefined
  readonly validation: TrainingRows | undefined
  readonly featureNames: readonly string[]
  /** Empty for regression. */
  readonly classes: readonly string[]
  readonly objective: Objective
  readonly params: BoostingParams
  readonly seed: number
}
