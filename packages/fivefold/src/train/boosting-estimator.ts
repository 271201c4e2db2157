import {
  type BoostingModel,
  type BoostingParams,
  compileBoosting,
  featureImportance,
  predictBoosting,
  trainBoosting,
} from '../engines/boosting/index.ts'
import { defineEstimator, type Estimator, type FittedEstimator } from './estimator.ts'

/** Gradient-boosted trees under a name of one's own. Early stopping needs validation rows and is off in the refit. */
export function boostingEstimator(name: string, params: Partial<BoostingParams>): Estimator {
  return defineEstimator({
    name,
    tasks: ['classification', 'regression'],
    features: 'tree',
    fit: async (data, context) => {
      const effective = data.validation ? params : { ...params, earlyStoppingRounds: 0 }
      return fittedBoosting(name, effective, await trainBoosting(data, effective, context))
    },
    withRounds: (rounds) => boostingEstimator(name, { ...params, rounds, earlyStoppingRounds: 0 }),
  })
}

function fittedBoosting(name: string, params: Partial<BoostingParams>, model: BoostingModel): FittedEstimator {
  return {
    estimator: name,
    params,
    rounds: model.bestRound,
    predict: (features) => predictBoosting(model, features),
    compile: (builder, matrix) => compileBoosting(model, builder, matrix),
    importance: () => {
      const entries = featureImportance(model)
      const total = entries.reduce((sum, entry) => sum + entry.gain, 0) || 1
      return entries.map(({ name: feature, gain }) => ({ name: feature, share: gain / total }))
    },
  }
}
