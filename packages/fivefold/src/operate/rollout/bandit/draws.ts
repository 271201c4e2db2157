import type { Rng } from '../../../core/index.ts'

/** Gamma variate with the given shape and scale 1 (Marsaglia and Tsang, 2000). */
function drawGamma(shape: number, rng: Rng): number {
  // A shape below 1 is brought above it (their section 6).
  if (shape < 1) return drawGamma(shape + 1, rng) * (1 - rng.next()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = rng.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - rng.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}

export function drawBeta(a: number, b: number, rng: Rng): number {
  const x = drawGamma(a, rng)
  return x / (x + drawGamma(b, rng))
}

/** Student's t with the given degrees of freedom. */
export function drawStudent(degreesOfFreedom: number, rng: Rng): number {
  return rng.normal() / Math.sqrt((2 * drawGamma(degreesOfFreedom / 2, rng)) / degreesOfFreedom)
}
