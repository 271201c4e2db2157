import { solveByCholesky } from './cholesky.ts'
import { minimiseQuadratic } from './conjugate-gradient.ts'
import { descendCoordinates } from './coordinate-descent.ts'
import { featureFactors } from './feature-factors.ts'
import type { Minimum } from './minimiser.ts'
import { addPartials, createObjective } from './objective.ts'
import type { Quadratic, ReportIteration, Solution, SolverOptions } from './quadratic.ts'
import type { SharedProblem } from './shared-problem.ts'
import type { ThreadTeam } from './thread-team.ts'
import { largest } from './vectors.ts'

/** Ridge and elastic net. The intercept is the weighted mean of the target, since features are centred. */
export function solveLeastSquares(
  problem: SharedProblem,
  team: ThreadTeam,
  mean: number,
  report: ReportIteration,
): Minimum {
  const objective = createObjective(problem, team)
  const start = new Float64Array(objective.length)
  start[start.length - 1] = mean
  const gradient = new Float64Array(objective.length)
  const valueAtZero = objective.evaluate(start, gradient)
  const quadratic = formQuadratic(
    problem,
    team,
    gradient.subarray(0, -1).map((g) => -g),
  )
  const { maxIterations, tolerance } = problem.params
  const limit = tolerance * Math.max(largest(quadratic.b), Number.MIN_VALUE)
  const options = { maxIterations, limit, report }
  const solution =
    problem.params.l1 > 0
      ? descendCoordinates(problem, quadratic, Math.sqrt(2 * valueAtZero), options)
      : solveRidge(quadratic, options)
  start.set(solution.v)
  let value = objective.evaluate(start, gradient)
  quadratic.l1.forEach((penalty, j) => {
    value += penalty * Math.abs(start[j]!)
  })
  return { point: start, value, iterations: solution.iterations, converged: solution.converged }
}

/** Collinear features without penalty leave the matrix singular; conjugate gradients then end at the shortest solution. */
function solveRidge(quadratic: Quadratic, options: SolverOptions): Solution {
  const direct = quadratic.dense && solveByCholesky(quadratic.dense, quadratic.b)
  return direct ? { v: direct, iterations: 1, converged: true } : minimiseQuadratic(quadratic, options)
}

function formQuadratic(problem: SharedProblem, team: ThreadTeam, b: Float64Array): Quadratic {
  const { params } = problem
  const size = b.length
  const inverse = featureFactors(problem)
  const l1 = inverse.map((share) => params.l1 * share)
  const l2 = inverse.map((share) => params.l2 * share * share)
  if (problem.gram.length === 0)
    return { size, b, l1, l2, dense: undefined, multiply: (v) => multiplyByRows(problem, team, inverse, l2, v) }
  team.run('gram')
  const dense = scaledGram(problem.gram, inverse, l2)
  return { size, b, l1, l2, dense, multiply: (v) => multiplyDense(dense, v) }
}

function scaledGram(gram: Float64Array, inverse: Float64Array, l2: Float64Array): Float64Array {
  const size = inverse.length
  const dense = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = i; j < size; j++) {
      const value = gram[i * size + j]! * inverse[i]! * inverse[j]!
      dense[i * size + j] = value
      dense[j * size + i] = value
    }
    dense[i * size + i]! += l2[i]!
    // A constant feature: any positive diagonal keeps its coefficient at 0.
    if (inverse[i] === 0) dense[i * size + i] = 1
  }
  return dense
}

function multiplyDense(dense: Float64Array, v: Float64Array): Float64Array {
  return v.map((_, i) => {
    let sum = 0
    for (let j = 0; j < v.length; j++) sum += dense[i * v.length + j]! * v[j]!
    return sum
  })
}

/** X'W(Xv) in one pass over the rows. */
function multiplyByRows(
  problem: SharedProblem,
  team: ThreadTeam,
  inverse: Float64Array,
  l2: Float64Array,
  v: Float64Array,
): Float64Array {
  const { point, moments } = problem
  let offset = 0
  v.forEach((value, j) => {
    point[j] = value * inverse[j]!
    offset -= point[j]! * moments[2 * j]!
  })
  point[v.length] = offset
  team.run('product')
  const sums = addPartials(problem)
  return v.map((value, j) => (sums[j]! - moments[2 * j]! * sums[v.length]!) * inverse[j]! + l2[j]! * value)
}
