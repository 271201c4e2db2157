import type { Clock } from '../../../core/index.ts'
import type { TakeOne } from './admission.ts'
import type { RateLimit } from './rate-limit.ts'
import type { Grant, TokenBuckets } from './token-buckets.ts'

/** Asks whoever counts for all processes for at least `wanted` requests; more may be granted, to be used soon. */
export type LendRequests = (key: string, limit: RateLimit, wanted: number) => Promise<Grant>

/** What is lent and not asked for this long is forgotten: it belongs to a bucket that has filled up meanwhile. */
const LEASE_MS = 1000
const LEASES_PER_SECOND = 20
const MOST_LEASES = 20_000

/**
 * The buckets of all processes, in the one that counts. Of what a limit allows in a second a process may hold a twentieth of its
 * share unasked, so that a fast client costs few questions and a slow limit is exact.
 */
export function createLender(buckets: TokenBuckets, processes: number): (...asked: Parameters<LendRequests>) => Grant {
  return (key, limit, wanted) => {
    const spare = Math.floor((limit.count / limit.perMs) * (1000 / (LEASES_PER_SECOND * processes)))
    return buckets.take(key, limit, wanted + spare)
  }
}

interface Lease {
  left: number
  /** Until when `left` may be used. */
  untilMs: number
  /** Until when there is nothing to be had, so that nobody is asked. */
  emptyUntilMs: number
  isAsking: boolean
  readonly waiting: ((waitMs: number) => void)[]
}

/** Counts in another process. Its grants are never more than a limit allows, over all processes together. */
export function createBorrower(lend: LendRequests, { monotonicMs }: Pick<Clock, 'monotonicMs'>): TakeOne {
  const leases = new Map<string, Lease>()

  const ask = async (key: string, limit: RateLimit, lease: Lease): Promise<void> => {
    lease.isAsking = true
    while (lease.waiting.length > 0) {
      const asking = lease.waiting.splice(0)
      // The process that counts has gone, and this one will end with it: what is here is answered.
      const { granted, waitMs } = await lend(key, limit, asking.length).catch(() => ({
        granted: asking.length,
        waitMs: 0,
      }))
      const nowMs = monotonicMs()
      lease.left = Math.max(0, granted - asking.length)
      lease.untilMs = nowMs + LEASE_MS
      if (granted < asking.length) lease.emptyUntilMs = nowMs + waitMs
      for (const [index, resolve] of asking.entries()) resolve(index < granted ? 0 : waitMs)
    }
    lease.isAsking = false
  }
  const leaseOf = (key: string): Lease => {
    const known = leases.get(key)
    if (known) return known
    const lease: Lease = { left: 0, untilMs: 0, emptyUntilMs: 0, isAsking: false, waiting: [] }
    leases.set(key, lease)
    if (leases.size > MOST_LEASES) leases.delete(leases.keys().next().value!)
    return lease
  }

  return (key, limit) => {
    const lease = leaseOf(key)
    const nowMs = monotonicMs()
    if (nowMs < lease.emptyUntilMs) return lease.emptyUntilMs - nowMs
    if (lease.left > 0 && nowMs < lease.untilMs) {
      lease.left--
      return 0
    }
    return new Promise((resolve) => {
      lease.waiting.push(resolve)
      if (!lease.isAsking) void ask(key, limit, lease)
    })
  }
}
