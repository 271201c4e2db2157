import { createRanking } from '../../packages/fivefold/dist/engines/boosting/loss/lambdarank.js'
import { classificationMetric, regressionMetric } from '../../packages/fivefold/dist/metrics/index.js'
import { mean } from './statistics.mjs'

const NDCG_AT = 5

/** The measure that says how well a kind of data set is learnt, and whether more is better. */
export const MEASURES = {
  logLoss: { higherIsBetter: false, of: (dataSet, predictions) => classification('logLoss', dataSet, predictions) },
  rocAuc: { higherIsBetter: true, of: (dataSet, predictions) => classification('rocAuc', dataSet, predictions) },
  rmse: {
    higherIsBetter: false,
    of: ({ test }, predicted) => regressionMetric('rmse', { actual: test.target, predicted }),
  },
  ndcg5: { higherIsBetter: true, of: ndcg },
}

function classification(name, { classCount, test }, predictions) {
  const codes = Int32Array.from(test.target)
  const probabilities = classCount === 2 ? bothClasses(predictions) : normalised(predictions, classCount)
  return classificationMetric(name, { classCount, codes, probabilities })
}

function bothClasses(predictions) {
  const probabilities = new Float64Array(predictions.length * 2)
  for (const [row, value] of predictions.entries()) {
    probabilities[row * 2] = 1 - value
    probabilities[row * 2 + 1] = value
  }
  return probabilities
}

/** Float32 probabilities sum to one only nearly. */
function normalised(predictions, classCount) {
  return predictions.map((value, i) => {
    const begin = i - (i % classCount)
    return value / predictions.subarray(begin, begin + classCount).reduce((a, b) => a + b)
  })
}

function ndcg(dataSet, predictions) {
  return mean(ndcgOfQueries(dataSet, predictions))
}

/** Of each query of the test rows; one without relevant rows counts 1, as in LightGBM. */
export function ndcgOfQueries({ test }, predictions) {
  const grades = Float32Array.from(test.target)
  const ranking = createRanking()
  let end = 0
  return Array.from(test.queryRows, (rows) => {
    const begin = end
    end += rows
    return ranking.ndcg({ begin, end }, predictions, grades, NDCG_AT)
  })
}
