import { describe, expect, it } from 'vitest'
import { quadratureForDegree } from './quadrature.ts'

describe('the quadrature rule of a degree', () => {
  it('integrates every power up to it over [0, 1], and has as few points as can', () => {
    for (const degree of [0, 1, 2, 3, 7, 12, 31, 64, 199]) {
      const { points, weights } = quadratureForDegree(degree)
      expect(points.length).toBe(Math.ceil((degree + 1) / 2))
      for (let power = 0; power <= degree; power++) {
        const integral = points.reduce((sum, point, i) => sum + weights[i]! * point ** power, 0)
        expect(integral).toBeCloseTo(1 / (power + 1), 13)
      }
      expect(weights.every((weight) => weight > 0)).toBe(true)
    }
  })

  it('is that of tables for three points', () => {
    // Abramowitz and Stegun (1964), table 25.4, moved from [-1, 1].
    const { points, weights } = quadratureForDegree(5)
    const root = 0.774596669241483
    for (const [i, x] of [-root, 0, root].entries()) expect(points[i]).toBeCloseTo((x + 1) / 2, 14)
    for (const [i, w] of [5 / 18, 8 / 18, 5 / 18].entries()) expect(weights[i]).toBeCloseTo(w, 14)
  })
})
