import { FivefoldError } from '../core/index.ts'
import { withoutMissing } from './two-samples.ts'

/**
 * Population stability index of two histograms over the same bins: sum of (q - p) ln(q / p). Half a row is added to each
 * bin, so that an empty bin weighs as much as it proves and not infinitely. Below 0.1 is customarily read as stable,
 * above 0.25 as shifted. 0 where a side has no rows. Throws METRIC_INPUT.
 */
export function populationStabilityIndex(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const [p, q] = shares(reference, current, 0.5)
  let sum = 0
  for (let i = 0; i < p.length; i++) sum += (q[i]! - p[i]!) * Math.log(q[i]! / p[i]!)
  return sum
}

/** Jensen-Shannon distance of two histograms over the same bins: root of the divergence in bits, in [0, 1] (Lin, 1991). 0 where a side has no rows. Throws METRIC_INPUT. */
export function jensenShannonDistance(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const [p, q] = shares(reference, current, 0)
  let sum = 0
  for (let i = 0; i < p.length; i++) {
    const middle = (p[i]! + q[i]!) / 2
    sum += (bits(p[i]!, middle) + bits(q[i]!, middle)) / 2
  }
  return Math.sqrt(Math.min(1, Math.max(0, sum)))
}

const bits = (share: number, middle: number): number => (share === 0 ? 0 : share * Math.log2(share / middle))

function shares(reference: ArrayLike<number>, current: ArrayLike<number>, added: number): [number[], number[]] {
  if (reference.length !== current.length)
    throw new FivefoldError('METRIC_INPUT', `histograms of ${reference.length} and ${current.length} bins`)
  const sides = [reference, current].map((side) => Array.from(side))
  const totals = sides.map((side) => side.reduce(addCount, 0))
  if (totals.includes(0)) return [[], []]
  const [p, q] = sides.map((side, s) => side.map((count) => (count + added) / (totals[s]! + added * side.length)))
  return [p!, q!]
}

export function addCount(sum: number, count: number): number {
  if (!(count >= 0 && count < Number.POSITIVE_INFINITY))
    throw new FivefoldError('METRIC_INPUT', `a histogram holds the count ${count}`)
  return sum + count
}

/**
 * Wasserstein-1 distance of two samples, in the unit of the values: the area between their distribution functions.
 * NaN is left out; 0 where a sample is empty. O(n log n).
 */
export function wassersteinDistance(first: Float64Array, second: Float64Array): number {
  const a = withoutMissing(first).sort()
  const b = withoutMissing(second).sort()
  if (a.length === 0 || b.length === 0) return 0
  let i = 0
  let j = 0
  let last = Math.min(a[0]!, b[0]!)
  let area = 0
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY)
    area += Math.abs(i / a.length - j / b.length) * (value - last)
    while (i < a.length && a[i] === value) i++
    while (j < b.length && b[j] === value) j++
    last = value
  }
  return area
}
