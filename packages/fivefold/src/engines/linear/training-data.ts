import { FivefoldError } from '../../core/index.ts'
import type { FeatureMatrix, Target } from '../../data/index.ts'

/** Throws TRAIN_INPUT naming the feature and row that a linear model cannot learn from. */
export function checkTrainingData(data: {
  readonly features: FeatureMatrix
  readonly target: Target
  readonly weights?: Float32Array
}): void {
  const { features, target, weights } = data
  checkFeatures(features)
  if (target.kind === 'classes') checkClasses(target, features.rowCount, weights)
  else checkNumbers(target.values, features.rowCount)
  if (weights) checkWeights(weights, features.rowCount)
}

function checkFeatures({ rowCount, names, values }: FeatureMatrix): void {
  if (rowCount === 0) throw invalid('there are no rows')
  if (values.length === 0) throw invalid('there are no features')
  if (names.length !== values.length) throw invalid(`${names.length} names for ${values.length} features`)
  values.forEach((column, j) => {
    if (column.length !== rowCount)
      throw invalid(`feature '${names[j]}' has ${column.length} values, expected ${rowCount}`)
    for (let row = 0; row < rowCount; row++) {
      if (!Number.isFinite(column[row]!)) throw missing(names[j]!, row, column[row]!)
    }
  })
}

function missing(name: string, row: number, value: number): FivefoldError {
  const what = Number.isNaN(value) ? 'a missing value' : 'an infinite value'
  return new FivefoldError('TRAIN_INPUT', `feature '${name}' has ${what} in row ${row}; linear models take none`, {
    remedy: 'Impute the feature in the feature pipeline.',
  })
}

function checkClasses(
  { classes, codes }: Extract<Target, { kind: 'classes' }>,
  rowCount: number,
  weights: Float32Array | undefined,
): void {
  if (classes.length < 2) throw invalid(`the target has ${classes.length} class, two are needed`)
  if (codes.length !== rowCount) throw invalid(`the target has ${codes.length} values, expected ${rowCount}`)
  const seen = new Set<number>()
  for (let row = 0; row < rowCount; row++) {
    const code = codes[row]!
    if (code < 0 || code >= classes.length) throw invalid(`the target has the class code ${code} in row ${row}`)
    if (!weights || weights[row]! > 0) seen.add(code)
  }
  if (seen.size < 2) throw invalid('the target has only one class among the rows with weight')
}

function checkNumbers(values: Float64Array, rowCount: number): void {
  if (values.length !== rowCount) throw invalid(`the target has ${values.length} values, expected ${rowCount}`)
  const row = values.findIndex((value) => !Number.isFinite(value))
  if (row >= 0) throw invalid(`the target is ${values[row]} in row ${row}`)
}

function checkWeights(weights: Float32Array, rowCount: number): void {
  if (weights.length !== rowCount) throw invalid(`there are ${weights.length} weights, expected ${rowCount}`)
  const row = weights.findIndex((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY))
  if (row >= 0) throw invalid(`the weight of row ${row} is ${weights[row]}`)
  if (!weights.some((weight) => weight > 0)) throw invalid('every weight is 0')
}

const invalid = (message: string): FivefoldError => new FivefoldError('TRAIN_INPUT', message)
