import { addScaled, dot } from './vectors.ts'

/** Approximate inverse Hessian from the last steps (Nocedal and Wright, Numerical Optimization, algorithm 7.4). */
export interface CurvatureMemory {
  /** -H * gradient: the quasi-Newton step. */
  direction(gradient: Float64Array): Float64Array
  /** Remembers a step and how the gradient changed along it; skips steps without positive curvature. */
  add(step: Float64Array, change: Float64Array): void
  clear(): void
}

const MEMORY = 10

export function createCurvatureMemory(): CurvatureMemory {
  const pairs: { step: Float64Array; change: Float64Array; rho: number }[] = []
  return {
    direction(gradient) {
      const q = gradient.map((g) => -g)
      const alphas = new Float64Array(pairs.length)
      for (let i = pairs.length - 1; i >= 0; i--) {
        const { step, change, rho } = pairs[i]!
        alphas[i] = rho * dot(step, q)
        addScaled(q, -alphas[i]!, change, q)
      }
      const last = pairs.at(-1)
      if (last) {
        const scale = 1 / (last.rho * dot(last.change, last.change))
        for (let i = 0; i < q.length; i++) q[i]! *= scale
      }
      pairs.forEach(({ step, change, rho }, i) => {
        addScaled(q, alphas[i]! - rho * dot(change, q), step, q)
      })
      return q
    },
    add(step, change) {
      const curvature = dot(step, change)
      if (!(curvature > 1e-12 * Math.sqrt(dot(step, step) * dot(change, change)))) return
      pairs.push({ step, change, rho: 1 / curvature })
      if (pairs.length > MEMORY) pairs.shift()
    },
    clear() {
      pairs.length = 0
    },
  }
}
