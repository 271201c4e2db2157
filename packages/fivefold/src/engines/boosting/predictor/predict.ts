import { FivefoldError } from '../../../core/index.ts'
import type { FeatureMatrix, Predictions } from '../../../data/index.ts'
import { linkOf } from '../loss/objective.ts'
import type { BoostingModel } from '../model/model.ts'
import { scoreRows } from './score-rows.ts'

/**
 * Predictions for each row: class probabilities, or values.
 * @throws MODEL_INPUT where the features differ from those trained on, in name or order
 */
export function predictBoosting(model: BoostingModel, features: FeatureMatrix): Predictions {
  checkFeatures(model, features)
  return predictionsOf(model, scoreRows(model, features))
}

type Outcome = Pick<BoostingModel, 'objective' | 'classes'>

/** @param scores row-major [rows x outputs]; not to be used afterwards */
export function predictionsOf(outcome: Outcome, scores: Float64Array): Predictions {
  const values = toPredictions(outcome, scores)
  const { classes } = outcome
  return classes.length > 0 ? { kind: 'classes', classes, probabilities: values } : { kind: 'number', values }
}

/** Row-major scores to values, or to a probability for each class. */
export function toPredictions({ objective, classes }: Outcome, scores: Float64Array): Float64Array {
  switch (linkOf(objective)) {
    case 'identity':
      return scores
    case 'exponential':
      return scores.map(Math.exp)
    case 'logistic':
      return logisticProbabilities(scores)
    case 'softmax':
      return softmaxProbabilities(scores, classes.length)
  }
}

export function checkFeatures(model: BoostingModel, { names, values, rowCount }: FeatureMatrix): void {
  const expected = model.featureNames
  const differs = names.length !== expected.length || expected.some((name, i) => name !== names[i])
  if (differs)
    throw new FivefoldError('MODEL_INPUT', `the model expects the features ${expected.join(', ')}, in this order`)
  const short = values.findIndex((column) => column.length !== rowCount)
  if (short >= 0)
    throw new FivefoldError(
      'MODEL_INPUT',
      `feature '${names[short]}' has ${values[short]!.length} values, expected ${rowCount}`,
    )
}

function logisticProbabilities(logOdds: Float64Array): Float64Array {
  const probabilities = new Float64Array(logOdds.length * 2)
  for (let row = 0; row < logOdds.length; row++) {
    // Each side from its own exponential: one minus the other would lose small probabilities.
    probabilities[row * 2] = 1 / (1 + Math.exp(logOdds[row]!))
    probabilities[row * 2 + 1] = 1 / (1 + Math.exp(-logOdds[row]!))
  }
  return probabilities
}

function softmaxProbabilities(scores: Float64Array, classCount: number): Float64Array {
  for (let begin = 0; begin < scores.length; begin += classCount) {
    const row = scores.subarray(begin, begin + classCount)
    const top = row.reduce((a, b) => Math.max(a, b))
    for (let c = 0; c < classCount; c++) row[c] = Math.exp(row[c]! - top)
    const total = row.reduce((a, b) => a + b)
    for (let c = 0; c < classCount; c++) row[c]! /= total
  }
  return scores
}
