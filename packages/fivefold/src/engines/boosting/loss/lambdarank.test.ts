import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRanking } from './lambdarank.ts'

const ranking = createRanking()
const query = (length: number) => ({ begin: 0, end: length })

describe('NDCG', () => {
  it('equals the definition, worked out by hand', () => {
    // Order 3, 2, 3, 0, 1, 2 (Wikipedia, Discounted cumulative gain, with gains 2^grade - 1).
    const grades = Float32Array.of(3, 2, 3, 0, 1, 2)
    const scores = Float32Array.of(6, 5, 4, 3, 2, 1)
    const gain = (list: number[]): number => list.reduce((sum, g, i) => sum + (2 ** g - 1) / Math.log2(i + 2), 0)
    expect(ranking.ndcg(query(6), scores, grades, 6)).toBeCloseTo(
      gain([3, 2, 3, 0, 1, 2]) / gain([3, 3, 2, 2, 1, 0]),
      6,
    )
    expect(ranking.ndcg(query(6), scores, grades, 2)).toBeCloseTo(gain([3, 2]) / gain([3, 3]), 6)
    expect(ranking.ndcg(query(6), scores, new Float32Array(6), 6)).toBe(1)
  })
})

describe('lambdas', () => {
  const rows = fc.array(fc.record({ score: fc.double({ min: -3, max: 3, noNaN: true }), grade: fc.nat(4) }), {
    minLength: 2,
    maxLength: 12,
  })
  const lambdasOf = (scores: number[], grades: number[], truncation = 30) => {
    const gradients = new Float32Array(scores.length)
    const hessians = new Float32Array(scores.length)
    ranking.addLambdas(
      query(scores.length),
      Float32Array.from(scores),
      Float32Array.from(grades),
      truncation,
      gradients,
      hessians,
    )
    return { gradients, hessians }
  }

  it('sum to nothing, since what lifts one row lowers another', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const { gradients, hessians } = lambdasOf(
          list.map(({ score }) => score),
          list.map(({ grade }) => grade),
        )
        expect(Math.abs(gradients.reduce((a, b) => a + b, 0))).toBeLessThan(1e-4)
        for (const hessian of hessians) expect(hessian).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('lift the most relevant row and lower the least relevant', () => {
    const { gradients } = lambdasOf([0, 0, 0], [2, 1, 0])
    expect(gradients[0]).toBeLessThan(0)
    expect(gradients[2]).toBeGreaterThan(0)
  })

  it('leave out pairs beyond the truncation', () => {
    const { gradients } = lambdasOf([3, 2, 1, 0], [0, 0, 1, 0], 2)
    expect(gradients[3]).toBe(0)
    expect(gradients[2]).toBeLessThan(0)
  })

  it('are none where all rows are equally relevant', () => {
    expect([...lambdasOf([1, 2, 3], [2, 2, 2]).gradients]).toEqual([0, 0, 0])
  })
})
