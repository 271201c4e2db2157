import type { Rng } from '../../../../core/index.ts'

/** A number from Beta(alpha, alpha), as the share of one of two gamma numbers in their sum. */
export function drawBeta(alpha: number, rng: Rng): number {
  const [a, b] = [drawGamma(alpha, rng), drawGamma(alpha, rng)]
  // Both underflow where alpha is tiny: then nearly all is one or the other.
  return a + b > 0 ? a / (a + b) : rng.int(2)
}

/** Marsaglia and Tsang 2000; below 1 by way of shape + 1. */
function drawGamma(shape: number, rng: Rng): number {
  if (shape < 1) return drawGamma(shape + 1, rng) * rng.next() ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = rng.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - rng.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}
