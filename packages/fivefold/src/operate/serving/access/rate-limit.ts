import { FivefoldError } from '../../../core/index.ts'

/** A bucket of `count` requests that fills up again within `perMs`: as many may come at once, and no more on average. */
export interface RateLimit {
  readonly count: number
  readonly perMs: number
}

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const
const MOST_REQUESTS = 1_000_000_000

/** `100/s`, `600/m`, `5000/h`. @throws OPTION_INVALID */
export function parseRateLimit(text: string): RateLimit {
  const [, count, unit] = /^([1-9]\d{0,9})\/(s|m|h)$/.exec(text) ?? []
  if (count === undefined || Number(count) > MOST_REQUESTS)
    throw new FivefoldError('OPTION_INVALID', `'${text.slice(0, 40)}' is no rate such as 100/s, 600/m or 5000/h`)
  return { count: Number(count), perMs: UNIT_MS[unit as keyof typeof UNIT_MS] }
}
