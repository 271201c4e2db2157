/** Dense vectors of float64. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

export function largest(a: Float64Array): number {
  let most = 0
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]!))
  return most
}

/** into = a + factor * b */
export function addScaled(a: Float64Array, factor: number, b: Float64Array, into: Float64Array): Float64Array {
  for (let i = 0; i < a.length; i++) into[i] = a[i]! + factor * b[i]!
  return into
}

export function difference(a: Float64Array, b: Float64Array): Float64Array {
  return addScaled(a, -1, b, new Float64Array(a.length))
}
