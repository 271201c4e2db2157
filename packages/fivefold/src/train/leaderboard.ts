import { METRICS, type MetricName, type MetricValues } from '../metrics/index.ts'

/** What a candidate reached on rows that it was not trained on. */
export interface LeaderboardEntry {
  readonly estimator: string
  readonly metrics: MetricValues
  readonly fitSeconds: number
  readonly params: Readonly<Record<string, unknown>>
  /** Serialized size of the graph with its features. */
  readonly sizeBytes: number
  /** 95th percentile of a single row's prediction; present where a latency constraint asked for it. */
  readonly latencyMs?: number
  /** The constraint that rules the candidate out, in words. */
  readonly excluded?: string
}

/** Best first; candidates that a constraint excludes come last. */
export function rankLeaderboard(entries: readonly LeaderboardEntry[], metric: MetricName): LeaderboardEntry[] {
  const sign = METRICS[metric].higherIsBetter ? -1 : 1
  const score = (entry: LeaderboardEntry): number => sign * (entry.metrics[metric]?.value ?? Number.NaN)
  return [...entries].sort((a, b) => Number(!!a.excluded) - Number(!!b.excluded) || compareNaNLast(score(a), score(b)))
}

function compareNaNLast(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return a - b
}
