import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyIsotonic, fitIsotonic } from './isotonic.ts'

describe('fitIsotonic', () => {
  it('pools as scikit-learn does', () => {
    // scikit-learn 1.9.1: IsotonicRegression().fit(x, y, sample_weight=w).predict(x)
    const x = Float64Array.of(0.1, 0.1, 0.1, 0.2, 0.2, 0.4, 0.4, 0.4, 0.5, 0.5, 0.6, 0.6, 0.7, 0.8)
    const y = Float64Array.of(0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1)
    const w = Float64Array.of(1, 2, 1, 1, 3, 1, 1, 0.5, 1, 2, 1, 1, 1, 2)
    const expected = [0, 0, 0, 0, 0, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 1, 1]
    const fitted = applyIsotonic(fitIsotonic(x, y, w), x)
    for (const [i, value] of expected.entries()) expect(fitted[i]).toBeCloseTo(value, 12)
  })

  it('never decreases and keeps the weighted mean', () => {
    const row = fc.record({ score: fc.integer({ min: 0, max: 20 }), outcome: fc.constantFrom(0, 1), weight: fc.nat(3) })
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 40 }), (rows) => {
        fc.pre(rows.some(({ weight }) => weight > 0))
        rows.sort((a, b) => a.score - b.score)
        const scores = Float64Array.from(rows, ({ score }) => score)
        const outcomes = Float64Array.from(rows, ({ outcome }) => outcome)
        const weights = Float64Array.from(rows, ({ weight }) => weight)
        const fitted = applyIsotonic(fitIsotonic(scores, outcomes, weights), scores)
        expect(fitted.every((value, i) => i === 0 || value >= fitted[i - 1]!)).toBe(true)
        const mean = (values: Float64Array): number => values.reduce((sum, value, i) => sum + value * weights[i]!, 0)
        expect(mean(fitted)).toBeCloseTo(mean(outcomes), 9)
      }),
      { numRuns: 200 },
    )
  })
})
