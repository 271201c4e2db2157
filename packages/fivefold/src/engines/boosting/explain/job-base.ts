import type { FeatureMatrix } from '../../../data/index.ts'
import type { BoostingModel } from '../model/model.ts'

export interface ExplainJobBase {
  readonly model: BoostingModel
  readonly features: FeatureMatrix
  readonly taskCount: number
  /** About how many leaves are looked at for a row, over all tasks. */
  readonly work: number
}
