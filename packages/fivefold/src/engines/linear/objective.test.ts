import { describe, expect, it } from 'vitest'
import { createRng } from '../../core/index.ts'
import { createObjective } from './objective.ts'
import { parseLinearParams } from './params.ts'
import { type ProblemInput, shareProblem } from './shared-problem.ts'
import { createThreadTeam } from './thread-team.ts'

const rng = createRng(3)
const ROWS = 5000
const columns = [1, 10, 100].map((scale) => Float32Array.from({ length: ROWS }, () => scale * (rng.normal() + 1)))
const weights = Float32Array.from({ length: ROWS }, () => rng.next())

describe('gradients', () => {
  it.each([
    ['binary', 1],
    ['multinomial', 3],
    ['regression', 1],
  ] as const)('of the %s objective agree with finite differences', (kind, scoreCount) => {
    const target =
      kind === 'regression'
        ? Float64Array.from({ length: ROWS }, () => rng.normal())
        : Int32Array.from({ length: ROWS }, () => rng.int(kind === 'binary' ? 2 : 3))
    const params = parseLinearParams({ l2: 0.7 })
    const input: ProblemInput = { kind, params, rowCount: ROWS, columns, target, weights, scoreCount }
    const problem = shareProblem(input)
    const team = createThreadTeam(problem)
    team.run('moments')
    const objective = createObjective(problem, team)
    const point = Float64Array.from({ length: objective.length }, () => 0.3 * rng.normal())
    const gradient = new Float64Array(objective.length)
    objective.evaluate(point, gradient)
    const scratch = new Float64Array(objective.length)
    const step = 1e-4
    for (let i = 0; i < objective.length; i++) {
      const at = (by: number): number =>
        objective.evaluate(
          point.map((x, k) => (k === i ? x + by : x)),
          scratch,
        )
      expect(gradient[i]).toBeCloseTo((at(step) - at(-step)) / (2 * step), 3)
    }
  })
})
