/** What the iterative solvers share. */
export interface MinimiserOptions {
  readonly initial: Float64Array
  /** Value of the smooth part at a point; writes its gradient. */
  readonly evaluate: (point: Float64Array, gradient: Float64Array) => number
  readonly maxIterations: number
  /** Done when no component of the (pseudo-)gradient is larger. */
  readonly gradientLimit: number
  readonly onIteration?: (iteration: number, value: number) => void
}

export interface Minimum {
  readonly point: Float64Array
  readonly value: number
  readonly iterations: number
  readonly converged: boolean
}

/** An improvement below this share of the value is rounding: no method gets further in float64. */
export const ROUNDING_SHARE = 1e-15
