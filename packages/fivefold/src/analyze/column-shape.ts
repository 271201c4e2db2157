import type { SqlKind } from './column-sql.ts'
import type { NumericSummary } from './profile.ts'

export const QUANTILES = { p01: 0.01, p05: 0.05, p25: 0.25, p50: 0.5, p75: 0.75, p95: 0.95, p99: 0.99 } as const
export const TOP_VALUES = 10
/** Powers of larger values would overflow in the third moment. */
export const LARGEST_FOR_MOMENTS = 1e50
const BINS = 30

/** Whether values repeat enough for the frequent ones to say something. */
export function topValuesWanted(kind: SqlKind, distinct: number, present: number): boolean {
  if (kind === 'time' || distinct === 0) return false
  return kind === 'number' ? distinct <= 100 : distinct <= present / 2
}

export interface Fence {
  readonly low: number
  readonly high: number
}

type Quartiles = Pick<NumericSummary, 'p25' | 'p50' | 'p75'>

/** Bounds beyond which values count as outliers; null where the spread that they are measured by is 0. */
export function fencesOf(
  { p25, p50, p75 }: Quartiles,
  mad: number | null,
): { byMad: Fence | null; byIqr: Fence | null } {
  // 0.6745 is the MAD of a standard normal: the score is on the scale of a z-score.
  const reach = (3.5 * (mad ?? 0)) / 0.6745
  const iqr = p75 - p25
  return {
    byMad: fence(p50 - reach, p50 + reach, reach > 0),
    byIqr: fence(p25 - 3 * iqr, p75 + 3 * iqr, iqr > 0),
  }
}

const fence = (low: number, high: number, defined: boolean): Fence | null =>
  defined && Number.isFinite(low) && Number.isFinite(high) ? { low, high } : null

export interface Bins {
  readonly from: number
  readonly binWidth: number
  readonly bins: number
}

type Range = Pick<NumericSummary, 'min' | 'max' | 'p01' | 'p99'>

/** Bins of equal width over the body of the values; whole numbers get bins of whole width. Undefined without spread. */
export function binsOf({ min, max, p01, p99 }: Range, whole: boolean): Bins | undefined {
  const body = p99 - p01
  // Tails beyond three times the body would leave one bar and a flat line.
  const from = body > 0 ? Math.max(min, p01 - 3 * body) : min
  const to = body > 0 ? Math.min(max, p99 + 3 * body) : max
  if (!(to > from) || !Number.isFinite(to - from)) return undefined
  if (!whole) return { from, binWidth: (to - from) / BINS, bins: BINS }
  const first = Math.floor(from)
  const values = Math.ceil(to) - first + 1
  const binWidth = Math.max(1, Math.ceil(values / BINS))
  return { from: first, binWidth, bins: Math.ceil(values / binWidth) }
}
