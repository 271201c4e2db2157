import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hypergeometricPValue } from './hypergeometric.ts'

describe('hypergeometricPValue', () => {
  // scipy 1.17.1: scipy.stats.fisher_exact([[h, d - h], [m - h, t - d - m + h]])
  it.each([
    [3, 10, 5, 40, 0.08928766823503667],
    [0, 50, 6, 100, 0.026661076308390465],
    [17, 200, 20, 1000, 4.764259376751586e-10],
    [120, 3000, 500, 10000, 0.0026288039511044026],
    [5, 5, 5, 100, 1.328241387151549e-8],
    [1, 4, 2, 6, 1],
    [2500, 5000, 4800, 10000, 6.785488818932706e-5],
  ])('%i of %i rows, %i of %i marked', (hits, draws, marked, total, expected) => {
    expect(hypergeometricPValue(hits, draws, marked, total)).toBeCloseTo(expected, 12)
    expect(hypergeometricPValue(hits, draws, marked, total) / expected).toBeCloseTo(1, 6)
  })

  it('is a probability, and the same whichever side is called the first', () => {
    const table = fc.record({ a: fc.nat(60), b: fc.nat(60), c: fc.nat(60), d: fc.nat(60) })
    fc.assert(
      fc.property(table, ({ a, b, c, d }) => {
        fc.pre(a + b > 0 && c + d > 0)
        const p = hypergeometricPValue(a, a + b, a + c, a + b + c + d)
        expect(p).toBeGreaterThanOrEqual(0)
        expect(p).toBeLessThanOrEqual(1)
        expect(hypergeometricPValue(c, c + d, a + c, a + b + c + d)).toBeCloseTo(p, 9)
      }),
      { numRuns: 200 },
    )
  })
})
