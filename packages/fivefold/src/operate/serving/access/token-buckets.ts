import type { Clock } from '../../../core/index.ts'
import type { RateLimit } from './rate-limit.ts'

/** How many requests may pass now, and after how long the next one may. */
export interface Grant {
  readonly granted: number
  /** 0 where all that was wanted is granted. */
  readonly waitMs: number
}

export interface TokenBuckets {
  /** Takes up to `wanted` requests out of the bucket of `key`. */
  take(key: string, limit: RateLimit, wanted: number): Grant
}

interface Bucket {
  left: number
  atMs: number
}

/** Keys come from outside, so there is a most of them: about 3 MB. */
const MOST_BUCKETS = 20_000

/**
 * A bucket for each key. Beyond `mostBuckets` the one that was asked for least lately is forgotten, and is full when it comes
 * back: whoever has that many addresses is not held by a limit for each.
 */
export function createTokenBuckets(clock: Pick<Clock, 'monotonicMs'>, mostBuckets = MOST_BUCKETS): TokenBuckets {
  const buckets = new Map<string, Bucket>()

  const filled = (key: string, { count, perMs }: RateLimit): Bucket => {
    const nowMs = clock.monotonicMs()
    const known = buckets.get(key)
    if (!known) return { left: count, atMs: nowMs }
    const left = Math.min(count, known.left + ((nowMs - known.atMs) * count) / perMs)
    return { left, atMs: nowMs }
  }
  const keep = (key: string, bucket: Bucket): void => {
    // A map lists its keys in the order in which they were set.
    buckets.delete(key)
    buckets.set(key, bucket)
    if (buckets.size > mostBuckets) buckets.delete(buckets.keys().next().value!)
  }

  return {
    take(key, limit, wanted) {
      const bucket = filled(key, limit)
      const granted = Math.min(wanted, Math.floor(bucket.left))
      bucket.left -= granted
      keep(key, bucket)
      const waitMs = granted === wanted ? 0 : Math.max(1, ((1 - bucket.left) * limit.perMs) / limit.count)
      return { granted, waitMs }
    },
  }
}
