/**
 * Inner loops over columns of float32 with float64 accumulation. Four columns at a time, so that each row's
 * score is loaded and stored once for four products.
 */

/** scores[start + i] += sum_j coefficients[at + j] * columns[j][from + i], for i < count. */
export function addProducts(
  scores: Float64Array,
  start: number,
  columns: readonly Float32Array[],
  from: number,
  count: number,
  coefficients: Float64Array,
  at: number,
): void {
  const width = columns.length
  let j = 0
  for (; j + 3 < width; j += 4) {
    const [a, b, c, d] = [columns[j]!, columns[j + 1]!, columns[j + 2]!, columns[j + 3]!]
    const wa = coefficients[at + j]!
    const wb = coefficients[at + j + 1]!
    const wc = coefficients[at + j + 2]!
    const wd = coefficients[at + j + 3]!
    for (let i = 0; i < count; i++) {
      const row = from + i
      scores[start + i]! += wa * a[row]! + wb * b[row]! + wc * c[row]! + wd * d[row]!
    }
  }
  for (; j < width; j++) {
    const column = columns[j]!
    const w = coefficients[at + j]!
    for (let i = 0; i < count; i++) scores[start + i]! += w * column[from + i]!
  }
}

/** sums[at + j] += sum_i residuals[start + i] * columns[j][from + i], for i < count. */
export function addDots(
  residuals: Float64Array,
  start: number,
  columns: readonly Float32Array[],
  from: number,
  count: number,
  sums: Float64Array,
  at: number,
): void {
  const width = columns.length
  let j = 0
  for (; j + 3 < width; j += 4) {
    const [a, b, c, d] = [columns[j]!, columns[j + 1]!, columns[j + 2]!, columns[j + 3]!]
    let sa = 0
    let sb = 0
    let sc = 0
    let sd = 0
    for (let i = 0; i < count; i++) {
      const r = residuals[start + i]!
      const row = from + i
      sa += r * a[row]!
      sb += r * b[row]!
      sc += r * c[row]!
      sd += r * d[row]!
    }
    sums[at + j]! += sa
    sums[at + j + 1]! += sb
    sums[at + j + 2]! += sc
    sums[at + j + 3]! += sd
  }
  for (; j < width; j++) {
    const column = columns[j]!
    let sum = 0
    for (let i = 0; i < count; i++) sum += residuals[start + i]! * column[from + i]!
    sums[at + j]! += sum
  }
}
