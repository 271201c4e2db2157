import { describe, expect, it } from 'vitest'
import { discriminantScores, fitDiscriminant } from './linear-discriminant.ts'

describe('fitDiscriminant', () => {
  it('is ridge regression on the labels, as scikit-learn has it', () => {
    // scikit-learn 1.9.1: Ridge(alpha=0.01 * 12).fit(X, labels).coef_
    const features = Float64Array.of(
      -0.24,
      1.0,
      -0.89,
      -0.29,
      0.88,
      0.58,
      0.09,
      0.67,
      -2.83,
      1.02,
      -0.96,
      -1.67,
      0.28,
      0.7,
      -0.44,
      -1.08,
      0.03,
      -0.05,
      1.41,
      0.75,
      0.19,
      1.11,
      -0.21,
      -0.93,
      0.58,
      0.58,
      -0.21,
      -0.78,
      0.23,
      -2.49,
      0.69,
      0.49,
      -1.64,
      0.06,
      -0.96,
      0.76,
    )
    const labels = Uint8Array.of(1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1)
    const weights = fitDiscriminant({ features, width: 3, labels })
    const expected = [-0.20383727087217288, -0.023350559716485246, -0.20298839152273968]
    for (const [j, value] of expected.entries()) expect(weights[j]).toBeCloseTo(value, 12)
    expect(discriminantScores(weights, features)).toHaveLength(12)
  })

  it('survives features that are equal or constant', () => {
    const features = Float64Array.of(1, 1, 5, 2, 2, 5, 3, 3, 5, 4, 4, 5)
    const weights = fitDiscriminant({ features, width: 3, labels: Uint8Array.of(0, 0, 1, 1) })
    expect(weights.every(Number.isFinite)).toBe(true)
    expect(weights[0]).toBeGreaterThan(0)
    expect(weights[2]).toBe(0)
  })
})
