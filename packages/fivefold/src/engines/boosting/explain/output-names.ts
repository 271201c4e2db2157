import { linkOf } from '../loss/objective.ts'
import type { BoostingModel } from '../model/model.ts'

/** The positive class of two, every class of more, or 'prediction'. */
export function outputNames({ objective, classes }: BoostingModel): readonly string[] {
  const link = linkOf(objective)
  if (link === 'logistic') return classes.slice(1)
  return link === 'softmax' ? classes : ['prediction']
}
