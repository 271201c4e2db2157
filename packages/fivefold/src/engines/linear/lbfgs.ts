import { createCurvatureMemory } from './curvature-memory.ts'
import { type LinePoint, searchLine } from './line-search.ts'
import { type MinimiserOptions, type Minimum, ROUNDING_SHARE } from './minimiser.ts'
import { difference, dot, largest } from './vectors.ts'

/** Limited-memory BFGS with a strong Wolfe line search (Liu and Nocedal, 1989), for smooth functions. */
export function minimiseSmooth(options: MinimiserOptions): Minimum {
  const { evaluate, gradientLimit, maxIterations } = options
  const memory = createCurvatureMemory()
  let current = firstPoint(options)
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (largest(current.gradient) <= gradientLimit) return result(current, iteration, true)
    const direction = memory.direction(current.gradient)
    const slope = dot(direction, current.gradient)
    // Without curvature yet, the step is as long as the gradient is steep: start with length 1.
    const firstStep = iteration === 0 ? 1 / Math.max(1, Math.sqrt(-slope)) : 1
    const next = searchLine(evaluate, { ...current, t: 0, slope }, direction, firstStep)
    if (!next) return result(current, iteration, isNearLimit(current, gradientLimit))
    memory.add(difference(next.point, current.point), difference(next.gradient, current.gradient))
    const gained = current.value - next.value
    current = next
    options.onIteration?.(iteration + 1, current.value)
    if (gained <= ROUNDING_SHARE * Math.abs(current.value)) return result(current, iteration + 1, true)
  }
  return result(current, maxIterations, largest(current.gradient) <= gradientLimit)
}

function firstPoint({ initial, evaluate }: MinimiserOptions): LinePoint {
  const gradient = new Float64Array(initial.length)
  return { t: 0, slope: 0, point: initial, value: evaluate(initial, gradient), gradient }
}

/** Where no better point can be found any more, rounding is the reason if the gradient is small already. */
const isNearLimit = (current: LinePoint, limit: number): boolean => largest(current.gradient) <= 100 * limit

const result = ({ point, value }: LinePoint, iterations: number, converged: boolean): Minimum => ({
  point,
  value,
  iterations,
  converged,
})
