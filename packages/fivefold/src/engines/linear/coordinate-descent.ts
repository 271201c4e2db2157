import { featureFactors } from './feature-factors.ts'
import type { Quadratic, Solution, SolverOptions } from './quadratic.ts'
import { type SharedProblem, totalWeight } from './shared-problem.ts'

/**
 * Cyclic coordinate descent with an active set (Friedman, Hastie and Tibshirani, 2010): sweeps over the coefficients
 * that are not zero until they rest, then one sweep over all, until that changes nothing.
 */
export function descendCoordinates(
  problem: SharedProblem,
  quadratic: Quadratic,
  targetNorm: number,
  { maxIterations, report }: SolverOptions,
): Solution {
  const updater = quadratic.dense ? covarianceUpdater(quadratic, quadratic.dense) : residualUpdater(problem, quadratic)
  // An update moves the fitted values by |change| * sqrt(A_jj); it is small beside the target's own variation.
  const rest = problem.params.tolerance * targetNorm
  const everything = Array.from({ length: quadratic.size }, (_, j) => j)
  let active = everything
  let sweeps = 0
  // Sweeps are cheap beside the passes over rows that an iteration means elsewhere.
  for (const limit = 100 * maxIterations; sweeps < limit; ) {
    sweeps++
    const moved = sweep(active, updater, quadratic)
    if (sweeps % 100 === 0) report(Math.min(sweeps / 100, maxIterations), moved)
    if (moved > rest) {
      if (active === everything) active = everything.filter((j) => updater.v[j] !== 0)
    } else if (active === everything) {
      return { v: updater.v, iterations: sweeps, converged: true }
    } else {
      active = everything
    }
  }
  return { v: updater.v, iterations: sweeps, converged: false }
}

interface Updater {
  readonly v: Float64Array
  readonly curvature: Float64Array
  /** b_j - sum_k A_jk v_k, without any penalty. */
  residualAt(j: number): number
  change(j: number, by: number): void
}

/** Updates each coordinate once; the largest movement of the fitted values. */
function sweep(coordinates: readonly number[], updater: Updater, { l1, l2 }: Quadratic): number {
  let most = 0
  for (const j of coordinates) {
    const curvature = updater.curvature[j]!
    if (curvature === 0) continue
    const old = updater.v[j]!
    const pull = updater.residualAt(j) + curvature * old
    const next = (Math.sign(pull) * Math.max(0, Math.abs(pull) - l1[j]!)) / (curvature + l2[j]!)
    if (next === old) continue
    updater.change(j, next - old)
    most = Math.max(most, Math.abs(next - old) * Math.sqrt(curvature))
  }
  return most
}

/** Keeps b - A v up to date through rows of the Gram matrix: no pass over the data. */
function covarianceUpdater({ size, b, l2, l1 }: Quadratic, dense: Float64Array): Updater {
  const v = new Float64Array(size)
  const residual = b.slice()
  // A constant feature (recognised by its absent penalty) takes no part.
  const curvature = v.map((_, j) => (l1[j] === 0 ? 0 : dense[j * size + j]! - l2[j]!))
  return {
    v,
    curvature,
    residualAt: (j) => residual[j]!,
    change(j, by) {
      v[j]! += by
      for (let k = 0; k < size; k++) residual[k]! -= by * dense[j * size + k]!
      residual[j]! += by * l2[j]!
    },
  }
}

/** Keeps the residual of each row up to date: for data with many features, where a Gram matrix would be too large. */
function residualUpdater(problem: SharedProblem, { size }: Quadratic): Updater {
  const { columns, target, weights, moments } = problem
  const v = new Float64Array(size)
  const factors = featureFactors(problem)
  const total = totalWeight(problem)
  const residuals = centredTarget(problem, total)
  return {
    v,
    curvature: factors.map((factor, j) => total * (moments[2 * j + 1]! * factor) ** 2),
    residualAt(j) {
      const column = columns[j]!
      const mean = moments[2 * j]!
      let sum = 0
      for (let i = 0; i < target.length; i++) sum += (weights ? weights[i]! : 1) * residuals[i]! * (column[i]! - mean)
      return sum * factors[j]!
    },
    change(j, by) {
      v[j]! += by
      const column = columns[j]!
      const mean = moments[2 * j]!
      const factor = by * factors[j]!
      for (let i = 0; i < target.length; i++) residuals[i]! -= factor * (column[i]! - mean)
    },
  }
}

function centredTarget({ target, weights, params }: SharedProblem, total: number): Float64Array {
  let sum = 0
  for (let i = 0; i < target.length; i++) sum += (weights ? weights[i]! : 1) * target[i]!
  const mean = params.fitIntercept ? sum / total : 0
  return Float64Array.from(target, (value) => value - mean)
}
