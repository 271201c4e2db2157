import { withoutMissing } from './two-samples.ts'

export interface KsTest {
  /** Largest distance between the two empirical distribution functions. */
  readonly statistic: number
  readonly pValue: number
  readonly method: 'exact' | 'asymptotic'
}

/** Work of the exact distribution, in steps; above it the asymptotic one is accurate to the third digit. */
const EXACT_MAX_STEPS = 1_000_000

/**
 * Two-sample Kolmogorov-Smirnov test, two-sided; NaN is left out. Small samples get the exact conditional p-value, which
 * allows for ties (Schröer and Trenkler, 1995), large ones the limiting distribution, which ties make conservative.
 * Statistic 0 and p-value 1 where a sample is empty.
 */
export function ksTest(first: Float64Array, second: Float64Array): KsTest {
  const a = withoutMissing(first).sort()
  const b = withoutMissing(second).sort()
  if (a.length === 0 || b.length === 0) return { statistic: 0, pValue: 1, method: 'exact' }
  const statistic = largestDistance(a, b)
  if (a.length * b.length <= EXACT_MAX_STEPS) return { statistic, pValue: exactP(a, b, statistic), method: 'exact' }
  const effective = (a.length * b.length) / (a.length + b.length)
  return { statistic, pValue: kolmogorovSurvival(Math.sqrt(effective) * statistic), method: 'asymptotic' }
}

function largestDistance(a: Float64Array, b: Float64Array): number {
  let i = 0
  let j = 0
  let largest = 0
  while (i < a.length && j < b.length) {
    const value = Math.min(a[i]!, b[j]!)
    while (i < a.length && a[i] === value) i++
    while (j < b.length && b[j] === value) j++
    largest = Math.max(largest, Math.abs(i / a.length - j / b.length))
  }
  return largest
}

/** P(K > x) of Kolmogorov's limiting distribution; the second series converges where the first does not. */
export function kolmogorovSurvival(x: number): number {
  if (x <= 0) return 1
  if (x < 1) {
    let sum = 0
    for (let k = 1; k < 20; k++) sum += Math.exp((-((2 * k - 1) ** 2) * Math.PI ** 2) / (8 * x * x))
    return Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / x) * sum)
  }
  let sum = 0
  for (let k = 1; k < 20; k++) sum += (k % 2 ? 1 : -1) * Math.exp(-2 * k * k * x * x)
  return Math.min(1, 2 * sum)
}

/**
 * Share of the ways to interleave the samples in which the distance reaches the statistic, counted as lattice paths:
 * a cell holds the probability of coming to it without having reached it. Inside a run of ties the distance is not looked at.
 */
function exactP(a: Float64Array, b: Float64Array, statistic: number): number {
  const m = a.length
  const n = b.length
  const endsRun = runEnds(a, b)
  const limit = statistic - 1e-12
  const reached = (i: number, j: number): boolean => endsRun[i + j] === 1 && Math.abs(i / m - j / n) >= limit
  const staying = new Float64Array(n + 1)
  for (let i = 0; i <= m; i++) {
    for (let j = 0; j <= n; j++) {
      if (i === 0 && j === 0) staying[0] = 1
      else if (reached(i, j)) staying[j] = 0
      else {
        // The last of i + j values came from the first sample with probability i / (i + j).
        const fromFirst = i > 0 ? staying[j]! * (i / (i + j)) : 0
        const fromSecond = j > 0 ? staying[j - 1]! * (j / (i + j)) : 0
        staying[j] = fromFirst + fromSecond
      }
    }
  }
  return Math.min(1, Math.max(0, 1 - staying[n]!))
}

/** 1 at each count of pooled values after which a greater value follows. */
function runEnds(a: Float64Array, b: Float64Array): Uint8Array {
  const pooled = new Float64Array(a.length + b.length)
  pooled.set(a)
  pooled.set(b, a.length)
  pooled.sort()
  const ends = new Uint8Array(pooled.length + 1)
  for (let i = 1; i <= pooled.length; i++) ends[i] = i === pooled.length || pooled[i] !== pooled[i - 1] ? 1 : 0
  return ends
}
