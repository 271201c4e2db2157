import { type SharedProblem, totalWeight } from './shared-problem.ts'

/** Deviation below this share of the mean's size is rounding, not variation: the feature counts as constant. */
const CONSTANT_SHARE = 1e-7

/**
 * What each centred feature is multiplied by, so that loss and penalty together curve about equally in every direction:
 * one over its standard deviation, less where the penalty is the steeper part. 0 for a constant feature, whose
 * coefficient stays 0. Call after the `moments` pass.
 */
export function featureFactors(problem: SharedProblem): Float64Array {
  const { kind, params, moments, columns } = problem
  // Second derivative of the loss by the score: 1, or at most 1/4 for log loss.
  const curvature = (kind === 'regression' ? 1 : 0.25) * totalWeight(problem)
  return Float64Array.from(columns, (_, j) => {
    const deviation = moments[2 * j + 1]!
    const varies = deviation > CONSTANT_SHARE * Math.abs(moments[2 * j]!)
    return varies ? 1 / Math.sqrt(deviation * deviation + params.l2 / curvature) : 0
  })
}
