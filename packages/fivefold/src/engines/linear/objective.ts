import { featureFactors } from './feature-factors.ts'
import type { SharedProblem } from './shared-problem.ts'
import type { ThreadTeam } from './thread-team.ts'

/**
 * The penalised loss as a function of coefficients over centred and scaled features (see `feature-factors.ts`).
 * The penalty stays on the coefficients of the raw features, so the minimum is that of the raw problem; only the road
 * there is shorter, since every direction has a similar curvature.
 * Variables: coefficients [scores x features], then one intercept a score.
 */
export interface Objective {
  readonly length: number
  /** l1 penalty of each variable; undefined where there is none. */
  readonly l1: Float64Array | undefined
  /** The smooth part of the objective; writes its gradient. */
  evaluate(variables: Float64Array, gradient: Float64Array): number
  /** Coefficients and intercepts over raw features. */
  toRaw(variables: Float64Array): { coefficients: Float64Array; intercepts: Float64Array }
}

/** Call after the `moments` pass. */
export function createObjective(problem: SharedProblem, team: ThreadTeam): Objective {
  const { params, moments, scoreCount, point } = problem
  const width = problem.columns.length
  const penalised = scoreCount * width
  const means = Float64Array.from({ length: width }, (_, j) => moments[2 * j]!)
  const inverse = featureFactors(problem)

  const writePoint = (variables: Float64Array): void => {
    for (let k = 0; k < scoreCount; k++) {
      let offset = variables[penalised + k]!
      for (let j = 0; j < width; j++) {
        const raw = variables[k * width + j]! * inverse[j]!
        point[k * width + j] = raw
        offset -= raw * means[j]!
      }
      point[penalised + k] = offset
    }
  }

  const evaluate = (variables: Float64Array, gradient: Float64Array): number => {
    writePoint(variables)
    team.run('gradient')
    const sums = addPartials(problem)
    let value = sums[point.length]!
    for (let k = 0; k < scoreCount; k++) {
      const offsetGradient = sums[penalised + k]!
      for (let j = 0; j < width; j++) {
        const at = k * width + j
        const raw = point[at]!
        value += 0.5 * params.l2 * raw * raw
        gradient[at] = (sums[at]! - means[j]! * offsetGradient + params.l2 * raw) * inverse[j]!
      }
      gradient[penalised + k] = params.fitIntercept ? offsetGradient : 0
    }
    return value
  }

  return {
    length: point.length,
    l1: params.l1 > 0 ? penalties(params.l1, inverse, scoreCount) : undefined,
    evaluate,
    toRaw(variables) {
      writePoint(variables)
      return { coefficients: point.slice(0, penalised), intercepts: point.slice(penalised) }
    },
  }
}

function penalties(l1: number, inverse: Float64Array, scoreCount: number): Float64Array {
  const all = new Float64Array(scoreCount * (inverse.length + 1))
  for (let k = 0; k < scoreCount; k++)
    all.set(
      inverse.map((share) => share * l1),
      k * inverse.length,
    )
  return all
}

/** Sums of the chunks in their order, whatever order threads computed them in. */
export function addPartials({ partials, point }: SharedProblem): Float64Array {
  const length = point.length + 1
  const sums = new Float64Array(length)
  for (let at = 0; at < partials.length; at += length) for (let i = 0; i < length; i++) sums[i]! += partials[at + i]!
  return sums
}
