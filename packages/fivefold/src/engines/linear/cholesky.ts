/**
 * Solves A x = b for a symmetric positive definite A, row-major [n x n].
 * Undefined where A is not (numerically) positive definite. A is left as it is.
 */
export function solveByCholesky(a: Float64Array, b: Float64Array): Float64Array | undefined {
  const n = b.length
  const lower = factorise(a, n)
  if (!lower) return undefined
  const x = b.slice()
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) x[i]! -= lower[i * n + j]! * x[j]!
    x[i]! /= lower[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    x[i]! /= lower[i * n + i]!
    for (let j = 0; j < i; j++) x[j]! -= lower[i * n + j]! * x[i]!
  }
  return x
}

/** A pivot this small beside its diagonal entry is rounding. */
const SINGULAR_SHARE = 1e-11

function factorise(a: Float64Array, n: number): Float64Array | undefined {
  const lower = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= lower[i * n + k]! * lower[j * n + k]!
      if (i !== j) lower[i * n + j] = sum / lower[j * n + j]!
      else if (sum > SINGULAR_SHARE * a[i * n + i]!) lower[i * n + i] = Math.sqrt(sum)
      else return undefined
    }
  }
  return lower
}
