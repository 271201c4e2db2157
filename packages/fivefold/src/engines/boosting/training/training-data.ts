import { FivefoldError } from '../../../core/index.ts'
import type { FeatureMatrix, Target } from '../../../data/index.ts'
import { classificationObjective, type Objective, regressionObjective } from '../loss/objective.ts'
import type { BoostingParams } from '../parameters.ts'
import type { TrainingJob, TrainingRows } from './training-job.ts'

export interface TrainingData {
  readonly features: FeatureMatrix
  readonly target: Target
  /** One a row, finite and not negative. */
  readonly weights?: Float32Array
  /** Rows on which the loss is followed; the same features and classes. */
  readonly validation?: { readonly features: FeatureMatrix; readonly target: Target }
}

/**
 * Checks the data and turns it into what the trainer works on.
 * @throws TRAIN_INPUT where lengths differ, a target is missing, a weight is negative or only one class occurs
 * @throws OPTION_INVALID for early stopping without validation rows
 */
export function prepareJob(data: TrainingData, params: BoostingParams, seed: number): TrainingJob {
  const { features, target, weights, validation } = data
  checkRows('training', features, target)
  if (features.names.length === 0) fail('there are no features')
  if (weights !== undefined) checkWeights(weights, features.rowCount)
  if (validation !== undefined) checkValidation(validation, data)
  else if (params.earlyStoppingRounds > 0)
    throw new FivefoldError('OPTION_INVALID', 'earlyStoppingRounds needs validation rows, and none were given')
  const objective = objectiveFor(target, weights)
  return {
    train: toTrainingRows(features, target, objective),
    weights: weights === undefined ? undefined : toShared(weights),
    validation:
      validation === undefined ? undefined : toTrainingRows(validation.features, validation.target, objective),
    featureNames: features.names,
    classes: target.kind === 'classes' ? target.classes : [],
    objective,
    params,
    seed,
  }
}

function fail(message: string): never {
  throw new FivefoldError('TRAIN_INPUT', `boosting: ${message}`)
}

function checkRows(which: string, features: FeatureMatrix, target: Target): void {
  const { rowCount, names, values } = features
  if (rowCount < 1) fail(`the ${which} data has no rows`)
  if (names.length !== values.length) fail(`${which} data: ${names.length} feature names for ${values.length} features`)
  for (const [i, column] of values.entries()) {
    if (column.length !== rowCount)
      fail(`${which} feature '${names[i]}' has ${column.length} values, expected ${rowCount}`)
  }
  const labels = target.kind === 'classes' ? target.codes : target.values
  if (labels.length !== rowCount) fail(`the ${which} target has ${labels.length} values, expected ${rowCount}`)
  if (target.kind === 'number') checkNumbers(which, target.values)
  else checkCodes(which, target.codes, target.classes.length)
}

function checkNumbers(which: string, values: Float64Array): void {
  const row = values.findIndex((value) => !Number.isFinite(value))
  if (row >= 0) fail(`the ${which} target is ${values[row]} in row ${row}; every row needs a finite value`)
}

function checkCodes(which: string, codes: Int32Array, classCount: number): void {
  const row = codes.findIndex((code) => code < 0 || code >= classCount)
  if (row >= 0) fail(`the ${which} target has class code ${codes[row]} in row ${row}, outside 0 to ${classCount - 1}`)
}

function checkWeights(weights: Float32Array, rowCount: number): void {
  if (weights.length !== rowCount) fail(`${weights.length} weights for ${rowCount} rows`)
  const row = weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY))
  if (row >= 0) fail(`the weight of row ${row} is ${weights[row]}; weights are finite and not negative`)
  if (!weights.some((weight) => weight > 0)) fail('all weights are zero')
}

function checkValidation(validation: NonNullable<TrainingData['validation']>, data: TrainingData): void {
  checkRows('validation', validation.features, validation.target)
  const names = data.features.names
  const other = validation.features.names
  if (names.length !== other.length || names.some((name, i) => name !== other[i]))
    fail('validation features differ from training features in name or order')
  const [a, b] = [data.target, validation.target]
  const same = a.kind === 'classes' && b.kind === 'classes' ? sameList(a.classes, b.classes) : a.kind === b.kind
  if (!same) fail('the validation target differs from the training target in kind or classes')
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}

function objectiveFor(target: Target, weights: Float32Array | undefined): Objective {
  if (target.kind === 'number') return regressionObjective(...weightedMoments(target.values, weights))
  const totals = new Array<number>(target.classes.length).fill(0)
  for (let i = 0; i < target.codes.length; i++) totals[target.codes[i]!]! += weights?.[i] ?? 1
  const present = target.classes.filter((_, code) => totals[code]! > 0)
  if (present.length < 2) fail(`the target has one class only ('${present[0]}'); there is nothing to tell apart`)
  return classificationObjective(totals)
}

function weightedMoments(values: Float64Array, weights: Float32Array | undefined): [mean: number, deviation: number] {
  let total = 0
  let mean = 0
  let squares = 0
  for (let i = 0; i < values.length; i++) {
    const weight = weights?.[i] ?? 1
    if (weight === 0) continue
    total += weight
    const delta = values[i]! - mean
    mean += (delta * weight) / total
    squares += weight * delta * (values[i]! - mean)
  }
  return [mean, Math.sqrt(squares / total)]
}

function toTrainingRows(features: FeatureMatrix, target: Target, objective: Objective): TrainingRows {
  const targets = allocateShared(features.rowCount)
  if (target.kind === 'classes') targets.set(target.codes)
  else {
    const { targetOffset, targetScale } = objective
    for (let i = 0; i < targets.length; i++) targets[i] = (target.values[i]! - targetOffset) / targetScale
  }
  return { rowCount: features.rowCount, features: features.values.map(toShared), targets }
}

function allocateShared(length: number): Float32Array {
  return new Float32Array(new SharedArrayBuffer(length * 4))
}

/** The same array where it is shared already, else a shared copy. */
function toShared(values: Float32Array): Float32Array {
  if (values.buffer instanceof SharedArrayBuffer) return values
  const shared = allocateShared(values.length)
  shared.set(values)
  return shared
}
