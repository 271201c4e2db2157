import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bounds, linearScale, niceTicks } from './chart-scales.ts'

test('ticks are round and lie within the bounds', () => {
  expect(niceTicks(0, 1, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
  expect(niceTicks(0.13, 0.19, 3)).toEqual([0.14, 0.16, 0.18])
  fc.assert(
    fc.property(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
      (low, span) => {
        const ticks = niceTicks(low, low + span, 5)
        expect(ticks.length).toBeLessThanOrEqual(8)
        for (const tick of ticks) expect(tick >= low - span * 1e-6 && tick <= low + span * (1 + 1e-6)).toBe(true)
      },
    ),
  )
})

test('a scale maps its domain onto its range, also where all values are the same', () => {
  const scale = linearScale([2, 4, Number.NaN], [0, 100])
  expect([scale.at(2), scale.at(3), scale.at(4)]).toEqual([0, 50, 100])
  expect(linearScale([7], [0, 100]).at(7)).toBe(50)
  expect(bounds([Number.NaN, Infinity])).toEqual([0, 1])
})
