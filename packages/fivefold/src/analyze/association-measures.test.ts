import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  correlationRatio,
  cramersV,
  mutualInformation,
  pearson,
  presentOrder,
  ranksInOrder,
} from './association-measures.ts'

// Golden values: scipy 1.x (pearsonr, spearmanr, chi2_contingency without correction) and scikit-learn (mutual_info_score),
// with Bergsma's, Miller and Madow's and Kelley's corrections written out in numpy.
const a = Float64Array.of(2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5, 9, 0, 4, 5)
const b = Float64Array.of(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3)
const x = Int32Array.of(0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 0, 1, 2, 0, 1, 1, 0, 2, 2, 1)
const y = Int32Array.of(0, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 0, 1, 1, 0, 0, 1, 1)
const v = Float64Array.of(1.5, 2, 2.5, 3, 3.5, 8, 7, 6, 5.5, 9, 1, 4, 7.5, 2.2, 3.3, 4.4, 1.1, 8.8, 7.7, 5)
const ranks = (values: Float64Array): Float64Array => ranksInOrder(values, presentOrder(values))

describe('measures of association', () => {
  it('agree with scipy and scikit-learn', () => {
    expect(pearson(a, b).value).toBeCloseTo(0.10210298745930738, 12)
    expect(pearson(ranks(a), ranks(b)).value).toBeCloseTo(0.1270682438511219, 12)
    expect(cramersV(x, y, 3, 2).value).toBeCloseTo(0.5084710109332051, 12)
    expect(mutualInformation(x, y, 3, 2).value).toBeCloseTo(0.19463144441357846, 12)
    expect(correlationRatio(x, v, 3).value).toBeCloseTo(0.8663622556259973, 12)
  })

  it('count the rows that have both values', () => {
    expect(pearson(Float64Array.of(1, Number.NaN, 3), Float64Array.of(2, 5, Number.NaN)).n).toBe(1)
    expect(cramersV(Int32Array.of(0, -1, 1), Int32Array.of(1, 0, -1), 2, 2)).toEqual({ value: 0, n: 1 })
  })

  it('see nothing in many levels by chance', () => {
    const levels = Int32Array.from({ length: 400 }, (_, i) => i % 200)
    const noise = Float64Array.from(
      { length: 400 },
      (_, i) => Math.sin(i * 12.9898) * 43758.5453 - Math.floor(Math.sin(i * 12.9898) * 43758.5453),
    )
    expect(correlationRatio(levels, noise, 200).value).toBeLessThan(0.4)
  })

  it('stay in their range, far from 0 and with constants too', () => {
    const value = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e150, max: 1e150 })
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value, fc.integer({ min: -1, max: 3 })), { maxLength: 40 }), (rows) => {
        const first = Float64Array.from(rows, (row) => row[0])
        const second = Float64Array.from(rows, (row) => row[1])
        const codes = Int32Array.from(rows, (row) => row[2])
        expect(Math.abs(pearson(first, second).value)).toBeLessThanOrEqual(1)
        for (const found of [cramersV(codes, codes.toReversed(), 4, 4), correlationRatio(codes, second, 4)]) {
          expect(found.value).toBeGreaterThanOrEqual(0)
          expect(found.value).toBeLessThanOrEqual(1)
        }
      }),
    )
  })
})
