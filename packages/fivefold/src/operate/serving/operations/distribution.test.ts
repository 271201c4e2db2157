import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createMetricRegistry } from '../metrics/metric-registry.ts'
import { distributionOf } from './distribution.ts'

const BOUNDS = [1, 2, 5, 10]

function observed(values: readonly number[]): readonly number[] {
  const registry = createMetricRegistry()
  const histogram = registry.histogram('h', '', [], BOUNDS).of()
  for (const value of values) histogram.observe(value)
  return registry.snapshot()[0]!.series[0]!.numbers
}

describe('distributionOf', () => {
  it('interpolates as histogram_quantile of Prometheus does', () => {
    // Ten observations from 1 to 2, ten from 2 to 5: the median is the bound between them.
    const numbers = [0, 0, 10, 10, 0, 0]
    expect(distributionOf(numbers, BOUNDS, 1)).toMatchObject({
      p50: { value: 2, low: 1, high: 2 },
      p95: { value: 4.7, low: 2, high: 5 },
    })
    expect(distributionOf([0, 0, 0, 0, 0, 3], BOUNDS, 1)!.p50).toEqual({ value: 10, low: 10, high: null })
    expect(distributionOf([0, 0, 0, 0, 0, 0], BOUNDS, 1)).toBeNull()
  })

  it('holds every true percentile within its bounds, and knows mean and count', () => {
    const values = fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(values, (sample) => {
        const found = distributionOf(observed(sample), BOUNDS, 1000)!
        const sorted = [...sample].sort((a, b) => a - b)
        expect(found.count).toBe(sample.length)
        expect(found.mean).toBeCloseTo((1000 * sample.reduce((a, b) => a + b, 0)) / sample.length, 6)
        for (const [name, share] of [
          ['p50', 0.5],
          ['p95', 0.95],
          ['p99', 0.99],
        ] as const) {
          const truth = 1000 * sorted[Math.ceil(share * sample.length) - 1]!
          const { value, low, high } = found[name]
          expect(truth).toBeGreaterThanOrEqual(low)
          if (high !== null) expect(truth).toBeLessThanOrEqual(high)
          expect(value).toBeGreaterThanOrEqual(low)
          expect(value).toBeLessThanOrEqual(high ?? Number.POSITIVE_INFINITY)
        }
        expect(found.p50.value).toBeLessThanOrEqual(found.p95.value)
        expect(found.p95.value).toBeLessThanOrEqual(found.p99.value)
      }),
    )
  })
})
