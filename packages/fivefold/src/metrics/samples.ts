import { FivefoldError } from '../core/index.ts'

/** What was true and what a classifier said. */
export interface ClassificationSample {
  /** Class of each row, in [0, classCount). */
  readonly codes: Int32Array
  /** Row-major [rows x classCount]; each row sums to 1. */
  readonly probabilities: Float64Array
  readonly classCount: number
  /** Two classes only: class 1 is predicted from this probability on. Default 0.5. More classes: the most probable. */
  readonly threshold?: number | undefined
}

export interface RegressionSample {
  readonly actual: Float64Array
  readonly predicted: Float64Array
}

/** Throws METRIC_INPUT where lengths, class codes or values are not what metrics are defined for. */
export function checkClassification({ codes, probabilities, classCount }: ClassificationSample): void {
  if (!Number.isInteger(classCount) || classCount < 2)
    throw new FivefoldError('METRIC_INPUT', `a classification has two classes or more, not ${classCount}`)
  if (probabilities.length !== codes.length * classCount)
    throw new FivefoldError(
      'METRIC_INPUT',
      `${codes.length} rows of ${classCount} classes need ${codes.length * classCount} probabilities, not ${probabilities.length}`,
    )
  checkCodes(codes, classCount)
  for (let i = 0; i < probabilities.length; i++) {
    const probability = probabilities[i]!
    if (!(probability >= -1e-6 && probability <= 1 + 1e-6))
      throw new FivefoldError(
        'METRIC_INPUT',
        `row ${Math.floor(i / classCount)} has the probability ${probability} for class ${i % classCount}`,
      )
  }
}

export function checkCodes(codes: Int32Array, classCount: number): void {
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!
    if (code < 0 || code >= classCount)
      throw new FivefoldError('METRIC_INPUT', `row ${i} has the class code ${code}, outside 0..${classCount - 1}`)
  }
}

export function checkRegression({ actual, predicted }: RegressionSample): void {
  if (actual.length !== predicted.length)
    throw new FivefoldError('METRIC_INPUT', `${actual.length} actual and ${predicted.length} predicted values`)
  checkFinite('actual', actual)
  checkFinite('predicted', predicted)
}

export function checkFinite(what: string, values: Float64Array): void {
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i]!))
      throw new FivefoldError('METRIC_INPUT', `row ${i}: the ${what} value is ${values[i]}`)
  }
}

/** The class that each row is decided to be. Ties between classes go to the first. */
export function predictedCodes(sample: ClassificationSample): Int32Array {
  const { probabilities, classCount, threshold = 0.5 } = sample
  const predicted = new Int32Array(probabilities.length / classCount)
  if (classCount === 2) {
    for (let i = 0; i < predicted.length; i++) predicted[i] = probabilities[2 * i + 1]! >= threshold ? 1 : 0
    return predicted
  }
  for (let i = 0; i < predicted.length; i++) predicted[i] = mostProbable(probabilities, i * classCount, classCount)
  return predicted
}

function mostProbable(probabilities: Float64Array, start: number, classCount: number): number {
  let best = 0
  for (let k = 1; k < classCount; k++) if (probabilities[start + k]! > probabilities[start + best]!) best = k
  return best
}

/** One class's column of the row-major probabilities. */
export function classScores(probabilities: Float64Array, classCount: number, klass: number): Float64Array {
  const scores = new Float64Array(probabilities.length / classCount)
  for (let i = 0; i < scores.length; i++) scores[i] = probabilities[i * classCount + klass]!
  return scores
}
