import { addScaled, dot } from './vectors.ts'

/** A point on the search line with value and gradient. */
export interface LinePoint {
  readonly t: number
  readonly value: number
  /** Derivative along the line. */
  readonly slope: number
  readonly point: Float64Array
  readonly gradient: Float64Array
}

const SUFFICIENT_DECREASE = 1e-4
const CURVATURE = 0.9
const MAX_EVALUATIONS = 30

/**
 * A step that meets the strong Wolfe conditions (Nocedal and Wright, algorithms 3.5 and 3.6, cubic interpolation).
 * Undefined where none is found, which at the limit of float64 precision is the normal end.
 */
export function searchLine(
  evaluate: (point: Float64Array, gradient: Float64Array) => number,
  start: LinePoint,
  direction: Float64Array,
  firstStep: number,
): LinePoint | undefined {
  const at = (t: number): LinePoint => {
    const point = addScaled(start.point, t, direction, new Float64Array(direction.length))
    const gradient = new Float64Array(direction.length)
    const value = evaluate(point, gradient)
    return { t, value, slope: dot(gradient, direction), point, gradient }
  }
  const low = (candidate: LinePoint): boolean =>
    candidate.value <= start.value + SUFFICIENT_DECREASE * candidate.t * start.slope
  const flat = (candidate: LinePoint): boolean => Math.abs(candidate.slope) <= -CURVATURE * start.slope

  let previous = start
  let t = firstStep
  for (let tries = 0; tries < MAX_EVALUATIONS; tries++) {
    const current = at(t)
    if (!(low(current) && (tries === 0 || current.value < previous.value))) return narrow(previous, current)
    if (flat(current)) return current
    if (current.slope >= 0) return narrow(current, previous)
    previous = current
    t *= 2
  }
  return undefined

  /** Shrinks an interval that contains a good step; `best` is its lowest end that decreases enough. */
  function narrow(best: LinePoint, other: LinePoint): LinePoint | undefined {
    for (let tries = 0; tries < MAX_EVALUATIONS; tries++) {
      const current = at(cubicMinimum(best, other))
      if (!low(current) || !(current.value < best.value)) {
        other = current
      } else {
        if (flat(current)) return current
        if (current.slope * (other.t - best.t) >= 0) other = best
        best = current
      }
      if (Math.abs(other.t - best.t) <= 1e-12 * Math.max(1, best.t)) break
    }
    return best.t > 0 && best.value < start.value ? best : undefined
  }
}

/** Minimum of the cubic through both ends (formula 3.59), kept away from them; the middle where it is not defined. */
function cubicMinimum(a: LinePoint, b: LinePoint): number {
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.t - b.t)
  const d2 = Math.sign(b.t - a.t) * Math.sqrt(d1 * d1 - a.slope * b.slope)
  const t = b.t - ((b.t - a.t) * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2)
  const margin = 0.1 * Math.abs(b.t - a.t)
  const inside = t > Math.min(a.t, b.t) + margin && t < Math.max(a.t, b.t) - margin
  return inside ? t : 0.5 * (a.t + b.t)
}
