// Small tables that tests of training share.
import { createRng } from '../../../core/index.ts'
import type { FeatureMatrix, Target } from '../../../data/index.ts'
import type { BoostingModel } from '../model/model.ts'
import { type BoostingParams, resolveParams } from '../parameters.ts'
import { predictBoosting } from '../predictor/predict.ts'
import type { TrainingData } from './labelled-rows.ts'
import { trainSynchronously } from './train-synchronously.ts'
import { prepareJob } from './training-data.ts'

export function train(data: TrainingData, params: Partial<BoostingParams> = {}, seed = 0): BoostingModel {
  return trainSynchronously(prepareJob(data, resolveParams(params), seed))
}

export function matrix(columns: Record<string, ArrayLike<number>>): FeatureMatrix {
  const values = Object.values(columns).map((column) => Float32Array.from(column))
  return { rowCount: values[0]!.length, names: Object.keys(columns), values }
}

export const numbers = (values: ArrayLike<number>): Target => ({ kind: 'number', values: Float64Array.from(values) })

export const binary = (codes: ArrayLike<number>): Target => ({
  kind: 'classes',
  classes: ['no', 'yes'],
  codes: Int32Array.from(codes),
})

/** Values, or probabilities row by row. */
export function predicted(model: BoostingModel, features: FeatureMatrix): Float64Array {
  const predictions = predictBoosting(model, features)
  return predictions.kind === 'number' ? predictions.values : predictions.probabilities
}

/** Three features of noise, of which `a` and `b` say something of `signal`; seeded. */
export function noisyTable(rowCount: number, seed: number): { features: FeatureMatrix; signal: Float64Array } {
  const rng = createRng(seed)
  const column = (): Float32Array => Float32Array.from({ length: rowCount }, () => rng.normal())
  const [a, b, c] = [column(), column(), column()]
  const signal = Float64Array.from(a, (value, i) => value + Math.sin(2 * b[i]!) + 0.3 * rng.normal())
  return { features: matrix({ a, b, c }), signal }
}

export const meanOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length
