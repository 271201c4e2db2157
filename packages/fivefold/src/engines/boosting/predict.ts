import { FivefoldError } from '../../core/index.ts'
import type { FeatureMatrix, Predictions } from '../../data/index.ts'
import type { BoostingModel } from './model.ts'
import type { Trees } from './trees.ts'

/** Rows that are scored together: their features, row by row, stay in the first-level cache while trees pass. */
const BLOCK_ROWS = 64

/**
 * Predictions for each row: class probabilities, or values.
 * @throws MODEL_INPUT where the features differ from those trained on, in name or order
 */
export function predictBoosting(model: BoostingModel, features: FeatureMatrix): Predictions {
  checkFeatures(model, features)
  const scores = scoreRows(model, features)
  if (model.objective === 'squared') return { kind: 'number', values: scores }
  const { classes } = model
  const probabilities =
    model.objective === 'logistic' ? logisticProbabilities(scores) : softmaxProbabilities(scores, classes.length)
  return { kind: 'classes', classes, probabilities }
}

function checkFeatures(model: BoostingModel, { names, values, rowCount }: FeatureMatrix): void {
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

/** Sums of leaf values on top of the base scores, row-major [rows x outputs]. */
function scoreRows({ trees, baseScores }: BoostingModel, { values, rowCount }: FeatureMatrix): Float64Array {
  const outputCount = baseScores.length
  const featureCount = values.length
  const scores = new Float64Array(rowCount * outputCount)
  for (let i = 0; i < scores.length; i++) scores[i] = baseScores[i % outputCount]!
  const block = new Float32Array(BLOCK_ROWS * featureCount)
  for (let begin = 0; begin < rowCount; begin += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rowCount - begin)
    for (let feature = 0; feature < featureCount; feature++) {
      const column = values[feature]!
      for (let i = 0; i < count; i++) block[i * featureCount + feature] = column[begin + i]!
    }
    addBlockScores(trees, block, featureCount, count, scores.subarray(begin * outputCount), outputCount)
  }
  return scores
}

function addBlockScores(
  { starts, feature, threshold, missingLeft, left, value }: Trees,
  block: Float32Array,
  featureCount: number,
  rowCount: number,
  scores: Float64Array,
  outputCount: number,
): void {
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    const root = starts[tree]!
    const output = tree % outputCount
    for (let row = 0; row < rowCount; row++) {
      const offset = row * featureCount
      let node = root
      for (let tested = feature[node]!; tested >= 0; tested = feature[node]!) {
        const x = block[offset + tested]!
        // Both comparisons fail for NaN, which then goes the way learned for missing values.
        const goesLeft = x <= threshold[node]! || (!(x > threshold[node]!) && missingLeft[node] === 1)
        node = root + left[node]! + (goesLeft ? 0 : 1)
      }
      scores[row * outputCount + output]! += value[node]!
    }
  }
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
