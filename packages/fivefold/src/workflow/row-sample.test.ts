import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../core/index.ts'
import type { Target } from '../data/index.ts'
import { samplePositions } from './row-sample.ts'

const classTarget = (codes: readonly number[]): Target => ({
  kind: 'classes',
  classes: ['a', 'b', 'c'],
  codes: Int32Array.from(codes),
})

describe('samplePositions', () => {
  it('takes of each class its share within one row and one at least, ascending, the same for the same seed', () => {
    const codes = fc.array(fc.constantFrom(0, 0, 0, 0, 1, 1, 2), { minLength: 4, maxLength: 400 })
    fc.assert(
      fc.property(codes, fc.integer({ min: 3, max: 400 }), fc.nat(), (values, size, seed) => {
        const positions = samplePositions(classTarget(values), size, createRng(seed))
        expect([...positions]).toEqual([...new Set(positions)].sort((a, b) => a - b))
        expect(Math.abs(positions.length - Math.min(size, values.length))).toBeLessThanOrEqual(2)
        for (const code of [0, 1, 2]) {
          const all = values.filter((value) => value === code).length
          const taken = [...positions].filter((at) => values[at] === code).length
          expect(Math.abs(taken - Math.min(all, (all * size) / values.length))).toBeLessThanOrEqual(1)
          expect(taken > 0).toBe(all > 0)
        }
        expect(samplePositions(classTarget(values), size, createRng(seed))).toEqual(positions)
      }),
    )
  })

  it('takes numbers evenly, and all rows where the sample would be as large', () => {
    const target: Target = { kind: 'number', values: new Float64Array(100_000) }
    const positions = samplePositions(target, 1000, createRng(1))
    expect(positions.length).toBe(1000)
    const mean = positions.reduce((sum, at) => sum + at, 0) / 1000
    // Within four standard errors of the middle: 100 000 / sqrt(12 * 1000).
    expect(Math.abs(mean - 50_000)).toBeLessThan(4 * 913)
    expect(samplePositions({ kind: 'number', values: new Float64Array(5) }, 9, createRng(1))).toEqual(
      Uint32Array.of(0, 1, 2, 3, 4),
    )
  })
})
