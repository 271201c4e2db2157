/**
 * Counts of positive values in buckets whose bounds grow by a constant factor, so that any quantile is known to within 1%
 * (as in DDSketch; Masson et al., 2019). Plain data of a bounded size: a range from a microsecond to a day has 1300 buckets.
 */
export interface ValueHistogram {
  readonly count: number
  /** Counts by bucket number; what is at most 0 counts as the smallest. */
  readonly buckets: Readonly<Record<number, number>>
}

const GROWTH = 1.02
const LOG_GROWTH = Math.log(GROWTH)
const LOWEST = -700
const HIGHEST = 1400

/** Number of the bucket that holds a value: bounds are powers of 1.02. */
export function bucketOf(value: number): number {
  if (!(value > 0)) return LOWEST
  return Math.min(HIGHEST, Math.max(LOWEST, Math.ceil(Math.log(value) / LOG_GROWTH)))
}

/** The value that stands for a bucket: at most 1% from any in it. */
export function bucketValue(bucket: number): number {
  return GROWTH ** bucket * (2 / (1 + GROWTH))
}

/** A histogram that is filled as values come. */
export interface HistogramBuilder {
  add(value: number): void
  readonly count: number
  /** The value of the given rank, 1 for the smallest; NaN where there are no values. */
  valueOfRank(rank: number): number
  toHistogram(): ValueHistogram
}

export function createHistogram(from: ValueHistogram = { count: 0, buckets: {} }): HistogramBuilder {
  const counts = new Map(Object.entries(from.buckets).map(([bucket, count]) => [Number(bucket), count]))
  let count = from.count
  return {
    add: (value) => {
      const bucket = bucketOf(value)
      counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
      count++
    },
    get count() {
      return count
    },
    valueOfRank: (rank) => valueOfRank(counts, rank),
    toHistogram: () => ({ count, buckets: Object.fromEntries(counts) }),
  }
}

function valueOfRank(counts: ReadonlyMap<number, number>, rank: number): number {
  let seen = 0
  for (const bucket of [...counts.keys()].sort((a, b) => a - b)) {
    seen += counts.get(bucket)!
    if (seen >= rank) return bucketValue(bucket)
  }
  return Number.NaN
}
