import type { Predictions, Target } from '../data/index.ts'
import type { Problem } from '../problem/index.ts'

/** A prediction that looks at no feature; what every model has to beat. */
export interface Baseline {
  readonly estimator: 'majority' | 'mean'
  predict(rowCount: number): Predictions
}

/** Class shares of the training rows (the most frequent class is its label), or their mean. */
export function fitBaseline(problem: Problem, target: Target): Baseline {
  return target.kind === 'classes' ? majorityBaseline(problem, target) : meanBaseline(target)
}

function majorityBaseline(problem: Problem, target: Extract<Target, { kind: 'classes' }>): Baseline {
  const shares = new Float64Array(target.classes.length)
  for (const code of target.codes) shares[code]! += 1 / target.codes.length
  return {
    estimator: 'majority',
    predict: (rowCount) => {
      const probabilities = new Float64Array(rowCount * shares.length)
      for (let row = 0; row < rowCount; row++) probabilities.set(shares, row * shares.length)
      return { kind: 'classes', classes: problem.classes, probabilities }
    },
  }
}

function meanBaseline(target: Extract<Target, { kind: 'number' }>): Baseline {
  let mean = 0
  for (let i = 0; i < target.values.length; i++) mean += (target.values[i]! - mean) / (i + 1)
  return {
    estimator: 'mean',
    predict: (rowCount) => ({ kind: 'number', values: new Float64Array(rowCount).fill(mean) }),
  }
}
