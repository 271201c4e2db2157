import { ndcgOfQuery } from '../../packages/fivefold/dist/engines/boosting/loss/lambdarank.js'
import { classificationMetric, regressionMetric } from '../../packages/fivefold/dist/metrics/index.js'

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

/** Mean over queries; one without relevant rows counts 1, as in LightGBM. */
function ndcg({ test }, predictions) {
  const grades = Float32Array.from(test.target)
  let begin = 0
  let sum = 0
  for (const rows of test.queryRows) {
    sum += ndcgOfQuery({ begin, end: begin + rows }, predictions, grades, NDCG_AT)
    begin += rows
  }
  return sum / test.queryRows.length
}
