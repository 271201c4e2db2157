import { minimiseSmooth } from './lbfgs.ts'
import { solveLeastSquares } from './least-squares.ts'
import type { Minimum } from './minimiser.ts'
import { createObjective } from './objective.ts'
import { minimiseSparse } from './owl-qn.ts'
import type { ReportIteration } from './quadratic.ts'
import { type SharedProblem, totalWeight } from './shared-problem.ts'
import { createThreadTeam, type ThreadTeam } from './thread-team.ts'

export interface SolvedProblem {
  readonly coefficients: Float64Array
  readonly intercepts: Float64Array
  readonly scales: Float64Array
  readonly iterations: number
  readonly converged: boolean
  readonly objective: number
}

/** Minimises the penalised loss. Blocks the calling thread. */
export function solveProblem(problem: SharedProblem, report: ReportIteration): SolvedProblem {
  const team = createThreadTeam(problem)
  team.run('moments')
  const minimum =
    problem.kind === 'regression'
      ? solveLeastSquares(problem, team, initialIntercepts(problem)[0]!, report)
      : solveClassification(problem, team, report)
  const { iterations, converged, value } = minimum
  const raw = createObjective(problem, team).toRaw(minimum.point)
  const scales = Float64Array.from(problem.columns, (_, j) => problem.moments[2 * j + 1]!)
  return { ...raw, scales, iterations, converged, objective: value }
}

function solveClassification(problem: SharedProblem, team: ThreadTeam, report: ReportIteration): Minimum {
  const objective = createObjective(problem, team)
  const initial = new Float64Array(objective.length)
  initial.set(initialIntercepts(problem), objective.length - problem.scoreCount)
  const options = {
    initial,
    evaluate: objective.evaluate,
    maxIterations: problem.params.maxIterations,
    gradientLimit: problem.params.tolerance * totalWeight(problem),
    onIteration: report,
  }
  return objective.l1 ? minimiseSparse({ ...options, l1: objective.l1 }) : minimiseSmooth(options)
}

/** The best intercepts while every coefficient is 0: mean, log odds, or centred log shares. */
function initialIntercepts(problem: SharedProblem): Float64Array {
  const { kind, target, weights, scoreCount, params } = problem
  if (!params.fitIntercept) return new Float64Array(scoreCount)
  const sums = new Float64Array(kind === 'multinomial' ? scoreCount : 1)
  for (let i = 0; i < target.length; i++) {
    const weight = weights ? weights[i]! : 1
    if (kind === 'multinomial') sums[target[i]!]! += weight
    else sums[0]! += weight * target[i]!
  }
  const total = totalWeight(problem)
  if (kind === 'regression') return sums.map((sum) => sum / total)
  if (kind === 'binary') return sums.map((sum) => Math.log(sum / (total - sum)))
  // A class without rows starts as if it had half of one.
  const logs = sums.map((sum) => Math.log(Math.max(sum, 0.5) / total))
  const mean = logs.reduce((a, b) => a + b, 0) / scoreCount
  return logs.map((log) => log - mean)
}
