/**
 * Measures of association between two columns of the same length. Codes below 0 and NaN are missing; a row counts where both
 * values are present, and `n` says how many did. A measure is 0 where a side does not vary.
 */
export interface Association {
  readonly value: number
  readonly n: number
}

/** Pearson's correlation. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): Association {
  let n = 0
  let meanA = 0
  let meanB = 0
  let squaresA = 0
  let squaresB = 0
  let products = 0
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!
    const y = b[i]!
    if (Number.isNaN(x) || Number.isNaN(y)) continue
    n++
    // Welford's update: no cancellation for values far from 0.
    const fromA = x - meanA
    const fromB = y - meanB
    meanA += fromA / n
    meanB += fromB / n
    squaresA += fromA * (x - meanA)
    squaresB += fromB * (y - meanB)
    products += fromA * (y - meanB)
  }
  const scale = Math.sqrt(squaresA) * Math.sqrt(squaresB)
  const value = scale > 0 ? Math.max(-1, Math.min(1, products / scale)) : 0
  return { value: Number.isFinite(value) ? value : 0, n }
}

/** Indexes of present values, by rising value. */
export function presentOrder(values: Float64Array): Uint32Array {
  const present = new Uint32Array(values.length)
  let count = 0
  for (let i = 0; i < values.length; i++) if (!Number.isNaN(values[i]!)) present[count++] = i
  return present.subarray(0, count).sort((i, j) => values[i]! - values[j]!)
}

/** Ranks from 1 of the values at `order`, which is by rising value; ties get their mean rank, all others are NaN. */
export function ranksInOrder(values: Float64Array, order: Uint32Array): Float64Array {
  const ranks = new Float64Array(values.length).fill(Number.NaN)
  for (let start = 0; start < order.length; ) {
    let end = start + 1
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++
    for (let k = start; k < end; k++) ranks[order[k]!] = (start + 1 + end) / 2
    start = end
  }
  return ranks
}

/** Counts of pairs of codes, row-major [levelsA x levelsB]. */
function contingency(
  a: Int32Array,
  b: Int32Array,
  levelsA: number,
  levelsB: number,
): { counts: Float64Array; n: number } {
  const counts = new Float64Array(levelsA * levelsB)
  let n = 0
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!
    const y = b[i]!
    if (x < 0 || y < 0) continue
    counts[x * levelsB + y]!++
    n++
  }
  return { counts, n }
}

/** Cramér's V, corrected for its bias in small tables (Bergsma, 2013). */
export function cramersV(a: Int32Array, b: Int32Array, levelsA: number, levelsB: number): Association {
  const { counts, n } = contingency(a, b, levelsA, levelsB)
  const { rows, columns } = margins(counts, levelsA, levelsB)
  const r = rows.filter((total) => total > 0).length
  const k = columns.filter((total) => total > 0).length
  if (r < 2 || k < 2 || n < 2) return { value: 0, n }
  let chiSquare = 0
  for (let i = 0; i < levelsA; i++) {
    for (let j = 0; j < levelsB; j++) {
      const expected = (rows[i]! * columns[j]!) / n
      if (expected > 0) chiSquare += (counts[i * levelsB + j]! - expected) ** 2 / expected
    }
  }
  const phi2 = Math.max(0, chiSquare / n - ((r - 1) * (k - 1)) / (n - 1))
  const smaller = Math.min(r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)) - 1
  return { value: smaller > 0 ? Math.min(1, Math.sqrt(phi2 / smaller)) : 0, n }
}

/**
 * Correlation ratio: root of the share of a number's variance that lies between the categories, less what as many random
 * categories would show (Kelley's epsilon squared, 1935).
 */
export function correlationRatio(codes: Int32Array, values: Float64Array, levels: number): Association {
  const sums = new Float64Array(levels)
  const counts = new Float64Array(levels)
  let n = 0
  let mean = 0
  let squares = 0
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!
    const value = values[i]!
    if (code < 0 || Number.isNaN(value)) continue
    n++
    sums[code]! += value
    counts[code]!++
    const from = value - mean
    mean += from / n
    squares += from * (value - mean)
  }
  let between = 0
  let occupied = 0
  for (let k = 0; k < levels; k++) {
    if (counts[k] === 0) continue
    occupied++
    between += counts[k]! * (sums[k]! / counts[k]! - mean) ** 2
  }
  if (!(squares > 0) || n <= occupied) return { value: 0, n }
  const epsilon2 = 1 - (1 - between / squares) * ((n - 1) / (n - occupied))
  return { value: Math.sqrt(Math.min(1, Math.max(0, epsilon2))), n }
}

export interface Information extends Association {
  /** Entropy of the second column, in bits. */
  readonly entropy: number
}

/** Mutual information in bits, less its first-order bias (Miller and Madow, 1955); never below 0. */
export function mutualInformation(a: Int32Array, b: Int32Array, levelsA: number, levelsB: number): Information {
  const { counts, n } = contingency(a, b, levelsA, levelsB)
  if (n === 0) return { value: 0, n, entropy: 0 }
  const { rows, columns } = margins(counts, levelsA, levelsB)
  let information = 0
  for (let i = 0; i < levelsA; i++) {
    for (let j = 0; j < levelsB; j++) {
      const count = counts[i * levelsB + j]!
      if (count > 0) information += (count / n) * Math.log2((count * n) / (rows[i]! * columns[j]!))
    }
  }
  const occupied = (totals: Float64Array): number => totals.filter((total) => total > 0).length
  const excess = (occupied(rows) - 1) * (occupied(columns) - 1)
  const entropy = columns.reduce((sum, total) => (total > 0 ? sum - (total / n) * Math.log2(total / n) : sum), 0)
  return { value: Math.max(0, information - excess / (2 * n * Math.LN2)), n, entropy }
}

function margins(
  counts: Float64Array,
  levelsA: number,
  levelsB: number,
): { rows: Float64Array; columns: Float64Array } {
  const rows = new Float64Array(levelsA)
  const columns = new Float64Array(levelsB)
  for (let i = 0; i < levelsA; i++) {
    for (let j = 0; j < levelsB; j++) {
      rows[i]! += counts[i * levelsB + j]!
      columns[j]! += counts[i * levelsB + j]!
    }
  }
  return { rows, columns }
}
