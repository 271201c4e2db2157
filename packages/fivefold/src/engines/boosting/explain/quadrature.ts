/** Points and weights of a quadrature rule over [0, 1]; the weights sum to 1. */
export interface Quadrature {
  readonly points: Float64Array
  readonly weights: Float64Array
}

const rules: Quadrature[] = []

/** The Gauss-Legendre rule that integrates polynomials up to `degree` exactly. */
export function quadratureForDegree(degree: number): Quadrature {
  const count = Math.floor(degree / 2) + 1
  rules[count] ??= gaussLegendre(count)
  return rules[count]
}

const NEWTON_STEPS = 100
const CONVERGED = 1e-16

/** Roots of the Legendre polynomial by Newton's method from Tricomi's first guess (Press et al., 2007, section 4.6.1). */
function gaussLegendre(count: number): Quadrature {
  const points = new Float64Array(count)
  const weights = new Float64Array(count)
  for (let i = 0; i < (count + 1) / 2; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5))
    let slope = 1
    for (let step = 0; step < NEWTON_STEPS; step++) {
      const legendre = evaluateLegendre(count, x)
      slope = legendre.slope
      const change = legendre.value / slope
      x -= change
      if (Math.abs(change) < CONVERGED) break
    }
    slope = evaluateLegendre(count, x).slope
    // The root mirrored lies at the other end; on [0, 1] both weights are half of those on [-1, 1].
    points[i] = (1 - x) / 2
    points[count - 1 - i] = (1 + x) / 2
    weights[i] = 1 / ((1 - x * x) * slope * slope)
    weights[count - 1 - i] = weights[i]!
  }
  return { points, weights }
}

function evaluateLegendre(degree: number, x: number): { value: number; slope: number } {
  let before = 0
  let value = 1
  for (let n = 0; n < degree; n++) {
    const next = ((2 * n + 1) * x * value - n * before) / (n + 1)
    before = value
    value = next
  }
  return { value, slope: (degree * (x * value - before)) / (x * x - 1) }
}
