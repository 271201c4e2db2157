/**
 * Squared error over centred and scaled features as `v' A v / 2 - b' v`, plus penalties. `multiply` gives A v; with a Gram
 * matrix at hand A is dense, else each product is a pass over the rows. Constant features have a zero row.
 */
export interface Quadratic {
  readonly size: number
  readonly b: Float64Array
  /** Penalties of each variable. */
  readonly l1: Float64Array
  readonly l2: Float64Array
  /** A with the quadratic penalty on its diagonal, row-major; undefined for wide data. */
  readonly dense: Float64Array | undefined
  /** (A + l2) v */
  multiply(v: Float64Array): Float64Array
}

export type ReportIteration = (iteration: number, value: number) => void

export interface SolverOptions {
  readonly maxIterations: number
  /** Largest residual component of the normal equations. */
  readonly limit: number
  readonly report: ReportIteration
}

export interface Solution {
  readonly v: Float64Array
  readonly iterations: number
  readonly converged: boolean
}
