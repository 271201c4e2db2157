import type { Quadratic, Solution, SolverOptions } from './quadratic.ts'
import { addScaled, dot, largest } from './vectors.ts'

/** Conjugate gradients (Hestenes and Stiefel, 1952) on (A + l2) v = b, from zero. */
export function minimiseQuadratic(quadratic: Quadratic, { maxIterations, limit, report }: SolverOptions): Solution {
  const v = new Float64Array(quadratic.size)
  const residual = quadratic.b.slice()
  const direction = residual.slice()
  let size = dot(residual, residual)
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (largest(residual) <= limit) return { v, iterations: iteration, converged: true }
    const image = quadratic.multiply(direction)
    const curvature = dot(direction, image)
    if (!(curvature > 0)) return { v, iterations: iteration, converged: false }
    const step = size / curvature
    addScaled(v, step, direction, v)
    addScaled(residual, -step, image, residual)
    const next = dot(residual, residual)
    addScaled(residual, next / size, direction, direction)
    size = next
    report(iteration + 1, size)
  }
  return { v, iterations: maxIterations, converged: largest(residual) <= limit }
}
