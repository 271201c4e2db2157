/** Soft threshold of a gradient sum (Chen and Guestrin, 2016, with the l1 term). */
export function shrunk(gradient: number, l1: number): number {
  return Math.sign(gradient) * Math.max(Math.abs(gradient) - l1, 0)
}

/** Least and greatest value that a leaf may have. */
export interface ValueRange {
  readonly low: number
  readonly high: number
}

/** The value that minimises the loss of a leaf to second order, -T(G) / (H + l2), within its range. */
export function newtonStep(gradient: number, curvature: number, l1: number, { low, high }: ValueRange): number {
  const value = curvature > 0 ? -shrunk(gradient, l1) / curvature : 0
  return Math.min(Math.max(value, low), high)
}
