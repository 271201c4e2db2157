/** A percentile from a histogram: the value is interpolated within its bucket, the true one lies from `low` to `high`. */
export interface Percentile {
  readonly value: number
  readonly low: number
  /** Null in the last bucket, which is open; the value is then its lower end. */
  readonly high: number | null
}

export interface Distribution {
  readonly count: number
  readonly mean: number
  readonly p50: Percentile
  readonly p95: Percentile
  readonly p99: Percentile
}

/**
 * What a histogram says about what was observed; null where nothing was.
 *
 * @param numbers the sum of what was observed, then how often each bucket was met, as in a `SeriesSnapshot`
 * @param scale by which values are multiplied: 1000 makes milliseconds of seconds
 */
export function distributionOf(
  numbers: readonly number[],
  bounds: readonly number[],
  scale: number,
): Distribution | null {
  const [sum = 0, ...counts] = numbers
  const count = counts.reduce((total, n) => total + n, 0)
  if (count === 0) return null
  const at = (share: number): Percentile => percentileOf(counts, bounds, share * count, scale)
  return { count, mean: (scale * sum) / count, p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** As Prometheus's `histogram_quantile`: linear between the bounds of the bucket that holds the rank. */
function percentileOf(counts: readonly number[], bounds: readonly number[], rank: number, scale: number): Percentile {
  let [bucket, below] = [0, 0]
  while (bucket < bounds.length && below + counts[bucket]! < rank) below += counts[bucket++]!
  const low = bucket === 0 ? 0 : bounds[bucket - 1]!
  const high = bounds[bucket]
  if (high === undefined) return { value: scale * low, low: scale * low, high: null }
  const value = low + ((high - low) * (rank - below)) / counts[bucket]!
  return { value: scale * value, low: scale * low, high: scale * high }
}
