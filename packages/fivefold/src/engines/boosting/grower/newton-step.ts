/** Soft threshold of a gradient sum (Chen and Guestrin, 2016, with the l1 term). */
export function shrunk(gradient: number, l1: number): number {
  return Math.sign(gradient) * Math.max(Math.abs(gradient) - l1, 0)
}

/** Least and greatest value that a leaf may have. */
export interface ValueRange {
  readonly low: number
  readonly high: number
}

export const UNBOUNDED: ValueRange = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }

/** The value that minimises the loss of a leaf to second order, -T(G) / (H + l2), within its range. */
export function newtonStep(gradient: number, curvature: number, l1: number, { low, high }: ValueRange): number {
  const value = curvature > 0 ? -shrunk(gradient, l1) / curvature : 0
  return Math.min(Math.max(value, low), high)
}

/** Twice what a leaf of this sum takes off the loss, to second order: T(G)^2 / (H + l2) where its range does not bind. */
export function scoreOfStep(gradient: number, curvature: number, l1: number, range: ValueRange): number {
  const value = newtonStep(gradient, curvature, l1, range)
  return -(2 * gradient * value + curvature * value * value + 2 * l1 * Math.abs(value))
}
