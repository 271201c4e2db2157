import { createCurvatureMemory } from './curvature-memory.ts'
import { type MinimiserOptions, type Minimum, ROUNDING_SHARE } from './minimiser.ts'
import { difference, dot, largest } from './vectors.ts'

export interface SparseOptions extends MinimiserOptions {
  /** Penalty on the absolute value of each variable. */
  readonly l1: Float64Array
}

interface State {
  readonly point: Float64Array
  readonly gradient: Float64Array
  /** Smooth part plus penalty. */
  readonly value: number
}

const SUFFICIENT_DECREASE = 1e-4
const MAX_HALVINGS = 40

/** Orthant-wise limited-memory quasi-Newton: a smooth function plus an l1 penalty (Andrew and Gao, 2007). */
export function minimiseSparse(options: SparseOptions): Minimum {
  const { l1, gradientLimit, maxIterations } = options
  const memory = createCurvatureMemory()
  let current = evaluateAt(options, options.initial)
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    const steepest = pseudoGradient(current, l1)
    if (largest(steepest) <= gradientLimit) return result(current, iteration, true)
    let next = searchOrthant(options, current, steepest, memory.direction(steepest), iteration === 0)
    if (!next) {
      // A poor memory can block progress; the steepest direction always descends.
      memory.clear()
      next = searchOrthant(options, current, steepest, memory.direction(steepest), true)
    }
    if (!next) return result(current, iteration, largest(steepest) <= 100 * gradientLimit)
    memory.add(difference(next.point, current.point), difference(next.gradient, current.gradient))
    const gained = current.value - next.value
    current = next
    options.onIteration?.(iteration + 1, current.value)
    if (gained <= ROUNDING_SHARE * Math.abs(current.value)) return result(current, iteration + 1, true)
  }
  return result(current, maxIterations, largest(pseudoGradient(current, l1)) <= gradientLimit)
}

function evaluateAt({ evaluate, l1 }: SparseOptions, point: Float64Array): State {
  const gradient = new Float64Array(point.length)
  let value = evaluate(point, gradient)
  for (let i = 0; i < point.length; i++) value += l1[i]! * Math.abs(point[i]!)
  return { point, gradient, value }
}

/** The one-sided derivative of least size; 0 where the penalty holds a variable at 0. */
function pseudoGradient({ point, gradient }: State, l1: Float64Array): Float64Array {
  return gradient.map((g, i) => {
    const x = point[i]!
    const penalty = l1[i]!
    if (x !== 0) return g + Math.sign(x) * penalty
    if (g > penalty) return g - penalty
    return g < -penalty ? g + penalty : 0
  })
}

/** Halves the step until the penalised value falls enough; points are kept in the orthant of the start. */
function searchOrthant(
  options: SparseOptions,
  start: State,
  steepest: Float64Array,
  quasiNewton: Float64Array,
  isFirst: boolean,
): State | undefined {
  const direction = quasiNewton.map((d, i) => (d * steepest[i]! < 0 ? d : 0))
  const orthant = start.point.map((x, i) => (x !== 0 ? Math.sign(x) : -Math.sign(steepest[i]!)))
  let t = isFirst ? 1 / Math.max(1, Math.sqrt(dot(steepest, steepest))) : 1
  for (let halving = 0; halving < MAX_HALVINGS; halving++, t /= 2) {
    const point = start.point.map((x, i) => {
      const moved = x + t * direction[i]!
      return options.l1[i] === 0 || moved * orthant[i]! > 0 ? moved : 0
    })
    const next = evaluateAt(options, point)
    const predicted = dot(steepest, difference(point, start.point))
    if (next.value <= start.value + SUFFICIENT_DECREASE * predicted && next.value < start.value) return next
  }
  return undefined
}

const result = ({ point, value }: State, iterations: number, converged: boolean): Minimum => ({
  point,
  value,
  iterations,
  converged,
})
