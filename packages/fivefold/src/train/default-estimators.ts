import { boostingEstimator } from './boosting-estimator.ts'
import type { Estimator } from './estimator.ts'
import { linearEstimator } from './linear-estimator.ts'

/** Above this many rows one boosted model with larger steps is tried; the others gain little and cost minutes. */
const MANY_ROWS = 500_000

/** Up to this many training rows candidates are compared by cross-validation, above it on held-out rows. */
export const CROSS_VALIDATION_ROWS = 100_000

/**
 * The candidates that are tried where none are given. Which ones depends on the number of rows, never
 * on the clock, so that the same data and seed give the same model.
 */
export function defaultEstimators(rowCount: number): Estimator[] {
  const linear = linearEstimator('linear', { l2: 1 })
  if (rowCount > MANY_ROWS) {
    return [
      linear,
      boostingEstimator('boosting', { rounds: 150, learningRate: 0.15, maxLeaves: 63, earlyStoppingRounds: 15 }),
    ]
  }
  return [
    linear,
    boostingEstimator('boosting', { rounds: 500, learningRate: 0.1, maxLeaves: 31, earlyStoppingRounds: 30 }),
    boostingEstimator('boosting-shallow', {
      rounds: 1500,
      learningRate: 0.05,
      maxLeaves: 8,
      minLeafRows: 10,
      columnSample: 0.7,
      rowSample: 0.8,
      l2: 3,
      earlyStoppingRounds: 60,
    }),
    boostingEstimator('boosting-deep', {
      rounds: 1500,
      learningRate: 0.04,
      maxLeaves: 48,
      minLeafRows: 15,
      columnSample: 0.7,
      rowSample: 0.8,
      l2: 1,
      earlyStoppingRounds: 60,
    }),
  ]
}
