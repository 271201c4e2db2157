import type { FeatureMatrix } from '../../../data/index.ts'
import type { BoostingModel } from '../model/model.ts'

export interface ExplainJobBase {
  readonly model: BoostingModel
  readonly features: FeatureMatrix
  readonly taskCount: number
  /** About how often values of a leaf are added to those of a row, over all tasks; what else there is to do grows with it. */
  readonly work: number
}
