import { describe, expect, it } from 'vitest'
import { createContext, createRng } from '../../core/index.ts'
import { classificationMetric } from '../../metrics/index.ts'
import { estimatePerformance, type ScoredRows } from './estimate-performance.ts'

const context = createContext({ seed: 5 })

/** Rows whose true probability is a logistic function of a normal score, said as `distort` of it. */
function scored(rows: number, mean: number, seed: number, distort: (p: number) => number): Required<ScoredRows> {
  const rng = createRng(seed)
  const probabilities = new Float64Array(rows * 2)
  const codes = new Int32Array(rows)
  for (let i = 0; i < rows; i++) {
    const truth = 1 / (1 + Math.exp(-(mean + 2 * rng.normal())))
    codes[i] = rng.next() < truth ? 1 : 0
    probabilities[2 * i + 1] = distort(truth)
    probabilities[2 * i] = 1 - probabilities[2 * i + 1]!
  }
  const predicted = codes.map((_, i) => (probabilities[2 * i + 1]! >= 0.5 ? 1 : 0))
  return { classCount: 2, probabilities, predicted, codes }
}

const withoutLabels = ({ classCount, probabilities, predicted }: ScoredRows): ScoredRows => ({
  classCount,
  probabilities,
  predicted,
})
const honest = (p: number): number => p
const overconfident = (p: number): number => (p < 0.5 ? p ** 3 : 1 - (1 - p) ** 3)

describe('estimatePerformance', () => {
  it.each([
    ['calibrated', honest],
    ['overconfident', overconfident],
  ])('covers what labels would have shown, %s probabilities, shifted rows', (_, distort) => {
    let covered = 0
    for (let seed = 0; seed < 10; seed++) {
      const current = scored(800, 1.5, 100 + seed, distort)
      const { accuracy, rocAuc } = estimatePerformance(scored(2000, 0, seed, distort), withoutLabels(current), context)
      const real = {
        accuracy: classificationMetric('accuracy', current),
        rocAuc: classificationMetric('rocAuc', current),
      }
      expect(Math.abs(accuracy!.value - real.accuracy!)).toBeLessThan(0.05)
      if (accuracy!.low <= real.accuracy! && real.accuracy! <= accuracy!.high) covered++
      if (rocAuc!.low <= real.rocAuc! && real.rocAuc! <= rocAuc!.high) covered++
    }
    expect(covered).toBeGreaterThanOrEqual(16)
  })

  it('believes the probabilities where the reference has no labels', () => {
    const rows = scored(2000, 0, 1, overconfident)
    const naive = estimatePerformance(withoutLabels(rows), withoutLabels(rows), context)
    const calibrated = estimatePerformance(rows, withoutLabels(rows), context)
    expect(naive.accuracy!.value).toBeGreaterThan(calibrated.accuracy!.value + 0.02)
    expect(calibrated.accuracy!.value).toBeCloseTo(classificationMetric('accuracy', rows)!, 2)
  })

  it('estimates the accuracy of more than two classes', () => {
    const probabilities = Float64Array.of(0.8, 0.1, 0.1, 0.2, 0.7, 0.1, 0.1, 0.3, 0.6)
    const current = { classCount: 3, probabilities, predicted: Int32Array.of(0, 1, 2) }
    const estimated = estimatePerformance(undefined, current, context)
    expect(estimated.accuracy!.value).toBeCloseTo(0.7, 12)
    expect(estimated.rocAuc).toBeUndefined()
  })

  it('answers nothing for no rows', () => {
    const none = { classCount: 2, probabilities: new Float64Array(0), predicted: new Int32Array(0) }
    expect(estimatePerformance(undefined, none, context)).toEqual({})
  })
})
