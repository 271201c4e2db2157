import { compileLinear, type LinearModel, type LinearParams, linearCoefficients, predictLinear, trainLinear } from '../engines/linear/index.ts'
import { defineEstimator, type Estimator, type FittedEstimator } from './estimator.ts'

/** Logistic, multinomial or ridge regression, whichever the target asks for. */
export function linearEstimator(name: string, params: Partial<LinearParams>): Estimator {
  return defineEstimator({
    name,
    tasks: ['classification', 'regression'],
    features: 'linear',
    fit: async (data, context) => fittedLinear(name, params, await trainLinear(data, params, context)),
  })
}

function fittedLinear(name: string, params: Partial<LinearParams>, model: LinearModel): FittedEstimator {
  return {
    estimator: name,
    params,
    predict: (features) => predictLinear(model, features),
    compile: (builder, matrix) => compileLinear(model, builder, matrix),
    importance: () => coefficientShares(model),
  }
}
