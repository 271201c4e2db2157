import fc from 'fast-check'
import { expect, test } from 'vitest'
import { smooth } from './smoothing.ts'

const curve = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 })

test('weight zero changes nothing', () => {
  fc.assert(
    fc.property(curve, (values) => {
      expect(smooth(values, 0)).toEqual(values)
    }),
  )
})

test('a smoothed curve starts where the curve starts and stays within its bounds', () => {
  fc.assert(
    fc.property(curve, fc.double({ min: 0, max: 0.99, noNaN: true }), (values, weight) => {
      const smoothed = smooth(values, weight)
      expect(smoothed[0]).toBeCloseTo(values[0]!, 6)
      const slack = 1e-6 * (1 + Math.max(...values.map(Math.abs)))
      expect(Math.max(...smoothed)).toBeLessThanOrEqual(Math.max(...values) + slack)
      expect(Math.min(...smoothed)).toBeGreaterThanOrEqual(Math.min(...values) - slack)
    }),
  )
})

test('values that are not finite stay where they are and disturb no other', () => {
  const smoothed = smooth([1, Number.NaN, 3], 0.5)
  expect(smoothed[1]).toBeNaN()
  expect(smoothed[2]).toBeCloseTo((0.5 * 0.5 * 1 + 0.5 * 3) / 0.75, 12)
})
