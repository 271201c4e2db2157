import { createContext } from 'fivefold'
import { compareClassification, decisionThreshold, intervalMethod, measureClassification } from 'fivefold/metrics'

// Two models of the same 400 rows: the second one knows less.
const rows = 400
const { rng } = createContext({ seed: 7 })
const codes = Int32Array.from({ length: rows }, () => rng.int(2))
const scoresOf = (noise: number) =>
  Float64Array.from(codes, (code) => 1 / (1 + Math.exp(-(2 * code - 1 + noise * rng.normal()))))
const sampleOf = (scores: Float64Array) => ({
  codes,
  classCount: 2,
  probabilities: Float64Array.from({ length: 2 * rows }, (_, i) =>
    i % 2 === 0 ? 1 - scores[i >> 1]! : scores[i >> 1]!,
  ),
})
const [good, weak] = [scoresOf(1), scoresOf(2)]

const { rocAuc, f1 } = measureClassification({ ...sampleOf(good), seed: 7, metrics: ['rocAuc', 'f1'] })
console.log('ROC AUC', rocAuc, `by ${intervalMethod('rocAuc', rows)}`)
console.log('F1', f1, `by ${intervalMethod('f1', rows)}`)
console.log('good minus weak', compareClassification('rocAuc', sampleOf(good), sampleOf(weak)))
console.log('threshold of the best F1', decisionThreshold(good, codes, 'f1'))
