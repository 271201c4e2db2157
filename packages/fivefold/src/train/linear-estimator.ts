import {
  compileLinear,
  type LinearModel,
  type LinearParams,
  linearCoefficients,
  predictLinear,
  trainLinear,
} from '../engines/linear/index.ts'
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

/** Sizes of the coefficients in units of each feature's spread, so that they can be compared; summed over classes. */
function coefficientShares(model: LinearModel) {
  const sizes = linearCoefficients(model).map(({ name, values, scale }) => ({
    name,
    size: scale * values.reduce((sum, value) => sum + Math.abs(value), 0),
  }))
  const total = sizes.reduce((sum, { size }) => sum + size, 0) || 1
  return sizes.map(({ name, size }) => ({ name, share: size / total }))
}
