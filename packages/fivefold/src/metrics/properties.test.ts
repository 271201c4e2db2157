import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FivefoldError } from '../core/index.ts'
import { argsortDescending } from './argsort.ts'
import {
  calibrationCurve,
  classificationMetric,
  compareClassification,
  decisionThreshold,
  ksTest,
  linearisedClassification,
  linearisedRegression,
  type MetricValues,
  measureClassification,
  measureRegression,
  permutationPValue,
  populationStabilityIndex,
  prCurve,
  predictedCodes,
  rocCurve,
  wassersteinDistance,
} from './index.ts'

const rows = fc.array(fc.record({ code: fc.integer({ min: 0, max: 1 }), score: fc.integer({ min: 0, max: 20 }) }), {
  minLength: 1,
  maxLength: 60,
})
type Rows = { code: number; score: number }[]
const sampleOf = (drawn: Rows, score: (s: number) => number = (s) => s / 20, threshold?: number) => ({
  codes: Int32Array.from(drawn, (row) => row.code),
  probabilities: Float64Array.from(drawn.flatMap((row) => [1 - score(row.score), score(row.score)])),
  classCount: 2,
  threshold,
})
const scoresOf = (drawn: Rows) => Float64Array.from(drawn, (row) => row.score / 20)

function expectSound(values: MetricValues): void {
  for (const [name, { value, low, high }] of Object.entries(values)) {
    for (const figure of [value, low, high]) expect(Number.isFinite(figure), `${name} ${figure}`).toBe(true)
    expect(low, name).toBeLessThanOrEqual(value)
    expect(high, name).toBeGreaterThanOrEqual(value)
  }
}

describe('laws', () => {
  it('every interval contains its value and nothing is NaN, whatever the rows', () => {
    fc.assert(
      fc.property(rows, (drawn) => expectSound(measureClassification({ ...sampleOf(drawn), seed: 5 }))),
      {
        numRuns: 60,
      },
    )
  })
  it('so too for three classes of which some may be missing', () => {
    const three = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 9 })), { minLength: 1 })
    fc.assert(
      fc.property(three, (drawn) => {
        const probabilities = Float64Array.from(drawn.flatMap(([, s]) => [s / 18, (9 - s) / 18, 0.5]))
        const codes = Int32Array.from(drawn, ([code]) => code)
        expectSound(measureClassification({ codes, probabilities, classCount: 3, seed: 2 }))
      }),
      { numRuns: 60 },
    )
  })
  it('and for numbers', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: -5, max: 5 })), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(pairs, (drawn) => {
        const actual = Float64Array.from(drawn, ([y]) => y)
        expectSound(measureRegression({ actual, predicted: Float64Array.from(drawn, ([, f]) => f), seed: 2 }))
      }),
      { numRuns: 60 },
    )
  })
  it('AUC and average precision do not change under a rising transform of the scores', () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        for (const name of ['rocAuc', 'prAuc'] as const)
          expect(classificationMetric(name, sampleOf(drawn))).toEqual(
            classificationMetric(
              name,
              sampleOf(drawn, (s) => (s / 21) ** 3 / 2),
            ),
          )
      }),
    )
  })
  it('AUC is symmetric under exchange of the classes', () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        const swapped = drawn.map(({ code, score }) => ({ code: 1 - code, score: 20 - score }))
        const auc = classificationMetric('rocAuc', sampleOf(drawn))
        if (auc !== undefined) expect(classificationMetric('rocAuc', sampleOf(swapped))).toBeCloseTo(auc, 12)
      }),
    )
  })
  it('first-order effects are what leaving out a row does, for large samples', () => {
    const drawn = Array.from({ length: 400 }, (_, i) => ({
      code: (i * 7) % 11 < 5 ? 1 : 0,
      score: ((i * 7) % 11) + (i % 9),
    }))
    for (const name of ['rocAuc', 'prAuc', 'f1', 'balancedAccuracy', 'precision', 'logLoss'] as const) {
      const all = linearisedClassification(
        name,
        sampleOf(drawn, (s) => s / 21),
      )!
      for (const row of [0, 17, 200]) {
        const without = drawn.filter((_, i) => i !== row)
        const moved =
          all.value -
          classificationMetric(
            name,
            sampleOf(without, (s) => s / 21),
          )!
        expect(Math.abs(moved - all.effects[row]!), `${name} ${row}`).toBeLessThan(5e-5 + 0.01 * Math.abs(moved))
      }
      expect(Math.abs(all.effects.reduce((sum, effect) => sum + effect, 0)), name).toBeLessThan(1e-3)
    }
  })
  it('effects of the R² and WAPE likewise', () => {
    const actual = Float64Array.from({ length: 300 }, (_, i) => 1e6 + 10 * Math.sin(i) + (i % 5))
    const predicted = actual.map((y, i) => y + ((i * 13) % 7) - 3)
    for (const name of ['r2', 'wape', 'rmse', 'mape', 'smape', 'mae'] as const) {
      const all = linearisedRegression(name, { actual, predicted })!
      const keep = (values: Float64Array) => values.filter((_, i) => i !== 44)
      const without = linearisedRegression(name, { actual: keep(actual), predicted: keep(predicted) })!
      const scale = Math.max(...all.effects.map(Math.abs))
      expect(Math.abs(all.value - without.value - all.effects[44]!) / scale, name).toBeLessThan(0.02)
    }
  })
  it('the chosen threshold is as good as any', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom('f1', 'accuracy', 'balancedAccuracy'), (drawn, metric) => {
        const codes = Int32Array.from(drawn, (row) => row.code)
        if (new Set(codes).size < 2) return
        const { threshold, value } = decisionThreshold(scoresOf(drawn), codes, metric)
        expect(classificationMetric(metric, sampleOf(drawn, undefined, threshold))).toBeCloseTo(value, 12)
        for (let other = 0; other <= 20; other++)
          expect(classificationMetric(metric, sampleOf(drawn, undefined, other / 20))!).toBeLessThanOrEqual(
            value + 1e-12,
          )
      }),
    )
  })
  it('both ways to sort agree', () => {
    const values = Float64Array.from(
      { length: 30_000 },
      (_, i) => Math.fround(Math.sin(i * i) * 10 ** (i % 7)) * (i % 3),
    )
    const plain = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b)
    expect([...argsortDescending(values)]).toEqual(plain)
  })
  it('downsampled curves keep their ends and their shape', () => {
    const codes = Int32Array.from({ length: 5000 }, (_, i) => ((i * 31) % 100) % 2)
    const scores = Float64Array.from(codes, (code, i) => ((i * 7919) % 5000) / 7000 + code * 0.2)
    const roc = rocCurve(scores, codes, 50)
    expect(roc.length).toBeLessThanOrEqual(50)
    expect(roc[0]).toMatchObject({ falsePositiveRate: 0, truePositiveRate: 0 })
    expect(roc.at(-1)).toMatchObject({ falsePositiveRate: 1, truePositiveRate: 1 })
    let area = 0
    for (let i = 1; i < roc.length; i++) {
      const width = roc[i]!.falsePositiveRate - roc[i - 1]!.falsePositiveRate
      area += (width * (roc[i]!.truePositiveRate + roc[i - 1]!.truePositiveRate)) / 2
    }
    const auc = classificationMetric('rocAuc', {
      codes,
      probabilities: Float64Array.from([...scores].flatMap((s) => [1 - s, s])),
      classCount: 2,
    })
    expect(area).toBeCloseTo(auc!, 2)
    expect(prCurve(scores, codes, 50).at(-1)!.recall).toBe(1)
  })
})

describe('degenerate inputs', () => {
  const constant = { probabilities: Float64Array.from([0.3, 0.7, 0.3, 0.7]), classCount: 2 }
  it('one class: what needs two is absent', () => {
    const names = Object.keys(measureClassification({ ...constant, codes: Int32Array.from([1, 1]), seed: 1 }))
    expect(names).toEqual(['accuracy', 'precision', 'recall', 'f1', 'logLoss', 'brier'])
    expect(Object.keys(measureClassification({ ...constant, codes: Int32Array.from([0, 0]), seed: 1 }))).not.toContain(
      'recall',
    )
  })
  it('constant scores: AUC one half, and average precision the share of positives', () => {
    const values = measureClassification({ ...constant, codes: Int32Array.from([0, 1]), seed: 1 })
    expect(values.rocAuc!.value).toBe(0.5)
    expect(values.prAuc!.value).toBe(0.5)
  })
  it('perfect separation leaves room below', () => {
    const probabilities = Float64Array.from([0.9, 0.1, 0.8, 0.2, 0.3, 0.7, 0.1, 0.9])
    const values = measureClassification({
      codes: Int32Array.from([0, 0, 1, 1]),
      probabilities,
      classCount: 2,
      seed: 1,
    })
    expect(values.rocAuc!.value).toBe(1)
    expect(values.rocAuc!.low).toBeLessThan(0.8)
    expect(values.prAuc!.low).toBeLessThan(0.8)
    expect(values.accuracy!.low).toBeLessThan(0.8)
  })
  it('no rows: no metrics', () => {
    expect(
      measureClassification({ codes: new Int32Array(), probabilities: new Float64Array(), classCount: 2, seed: 1 }),
    ).toEqual({})
    expect(measureRegression({ actual: new Float64Array(), predicted: new Float64Array(), seed: 1 })).toEqual({})
  })
  it('constant target has no R², zero target no MAPE and no WAPE', () => {
    const values = measureRegression({
      actual: new Float64Array(5),
      predicted: Float64Array.from([1, 0, 1, 0, 1]),
      seed: 1,
    })
    expect(Object.keys(values)).toEqual(['mae', 'rmse', 'smape'])
  })
  it('refuses what metrics are not defined for', () => {
    const bad = [
      () =>
        measureClassification({
          codes: Int32Array.from([2]),
          probabilities: Float64Array.from([0.5, 0.5]),
          classCount: 2,
          seed: 1,
        }),
      () =>
        measureClassification({
          codes: Int32Array.from([1]),
          probabilities: Float64Array.from([Number.NaN, 0.5]),
          classCount: 2,
          seed: 1,
        }),
      () =>
        measureClassification({
          codes: Int32Array.from([1]),
          probabilities: Float64Array.from([1]),
          classCount: 2,
          seed: 1,
        }),
      () =>
        measureRegression({
          actual: Float64Array.from([1]),
          predicted: Float64Array.from([Number.POSITIVE_INFINITY]),
          seed: 1,
        }),
      () => measureRegression({ actual: Float64Array.from([1, 2]), predicted: Float64Array.from([1]), seed: 1 }),
      () => populationStabilityIndex([1, -1], [1, 1]),
    ]
    for (const call of bad) expect(call).toThrow(FivefoldError)
  })
})

describe('comparisons and two samples', () => {
  it('a model does not differ from itself', () => {
    fc.assert(
      fc.property(rows, (drawn) => {
        for (const name of ['accuracy', 'f1', 'logLoss', 'rocAuc'] as const) {
          const compared = compareClassification(name, sampleOf(drawn), sampleOf(drawn))
          if (compared) expect(compared).toMatchObject({ difference: 0, low: 0, high: 0, pValue: 1 })
        }
      }),
      { numRuns: 30 },
    )
  })
  it('the same sample has no distance from itself, NaN left out', () => {
    const values = Float64Array.from([3, 1, Number.NaN, 2, 2])
    expect(ksTest(values, values)).toMatchObject({ statistic: 0, pValue: 1 })
    expect(wassersteinDistance(values, values)).toBe(0)
    expect(populationStabilityIndex([5, 0, 3], [5, 0, 3])).toBe(0)
  })
  it('Wasserstein distance of a shifted sample is the shift', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1 }),
        fc.integer({ min: -9, max: 9 }),
        (values, shift) => {
          const moved = Float64Array.from(values, (value) => value + shift)
          expect(wassersteinDistance(Float64Array.from(values), moved)).toBeCloseTo(Math.abs(shift), 9)
        },
      ),
    )
  })
  it('exact Kolmogorov-Smirnov with ties is what counting all arrangements gives', () => {
    const [a, b] = [Float64Array.from([1, 2, 2, 3]), Float64Array.from([2, 3, 3, 4])]
    const byHand = countArrangements([...a, ...b], 4, ksTest(a, b).statistic)
    expect(ksTest(a, b).pValue).toBeCloseTo(byHand, 12)
  })
  it('permutation p-values are never 0 and see a plain difference', () => {
    const first = Float64Array.from({ length: 20 }, (_, i) => i)
    const p = permutationPValue(
      wassersteinDistance,
      first,
      first.map((x) => x + 30),
      { permutations: 199 },
    )
    expect(p).toBe(1 / 200)
  })
  it('calibration keeps equal scores together and counts every row', () => {
    const scores = Float64Array.from({ length: 100 }, (_, i) => (i < 60 ? 0.2 : i / 100))
    const codes = Int32Array.from(scores, (_, i) => (i % 3 === 0 ? 1 : 0))
    const { bins } = calibrationCurve(scores, codes, 10)
    expect(bins[0]!.rows).toBe(60)
    expect(bins.reduce((sum, bin) => sum + bin.rows, 0)).toBe(100)
  })
  it('ties between classes go to the first', () => {
    const sample = { codes: new Int32Array(1), probabilities: Float64Array.from([0.4, 0.4, 0.2]), classCount: 3 }
    expect([...predictedCodes(sample)]).toEqual([0])
  })
})

function countArrangements(pooled: number[], size: number, statistic: number): number {
  let reached = 0
  let all = 0
  for (let mask = 0; mask < 1 << pooled.length; mask++) {
    const first = pooled.filter((_, i) => mask & (1 << i))
    if (first.length !== size) continue
    const second = pooled.filter((_, i) => !(mask & (1 << i)))
    all++
    if (ksTest(Float64Array.from(first), Float64Array.from(second)).statistic >= statistic - 1e-12) reached++
  }
  return reached / all
}
