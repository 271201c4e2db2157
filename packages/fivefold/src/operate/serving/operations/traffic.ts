import {
  METRIC,
  type ModelIdentity,
  OUTCOMES,
  type Outcome,
  ROWS,
  SECONDS,
  STAGES,
  type Stage,
} from '../metrics/server-metrics.ts'
import { distributionOf } from './distribution.ts'
import type { Traffic } from './operations-report.ts'
import { countedBetween, type Sample, seriesKey } from './sample.ts'

/** What was counted of a version, or of several together. */
export interface Counts {
  readonly outcomes: Readonly<Record<Outcome, number>>
  readonly rows: number
  readonly hits: number
  readonly misses: number
  /** Histograms: a sum, then how often each bucket was met. */
  readonly duration: readonly number[]
  readonly runRows: readonly number[]
  readonly stages: Readonly<Record<Stage, readonly number[]>>
}

const NO_DURATION = new Array<number>(SECONDS.length + 2).fill(0)
const NO_ROWS = new Array<number>(ROWS.length + 2).fill(0)

const record = <K extends string, V>(keys: readonly K[], of: (key: K) => V): Record<K, V> =>
  Object.fromEntries(keys.map((key) => [key, of(key)])) as Record<K, V>

const NO_COUNTS: Counts = {
  ...{ outcomes: record(OUTCOMES, () => 0), rows: 0, hits: 0, misses: 0 },
  ...{ duration: NO_DURATION, runRows: NO_ROWS, stages: record(STAGES, () => NO_DURATION) },
}

/** What was counted of a version between two samples. */
export function countsBetween(before: Sample, after: Sample, { name, version }: ModelIdentity): Counts {
  const numbers = (metric: string, ...more: string[]): readonly number[] | undefined =>
    countedBetween(before, after, metric, seriesKey(name, version, ...more))
  const count = (metric: string, ...more: string[]): number => numbers(metric, ...more)?.[0] ?? 0
  return {
    outcomes: record(OUTCOMES, (outcome) => count(METRIC.predictionRequests, outcome)),
    rows: count(METRIC.rows),
    hits: count(METRIC.cacheRequests, 'hit'),
    misses: count(METRIC.cacheRequests, 'miss'),
    duration: numbers(METRIC.predictionDuration) ?? NO_DURATION,
    runRows: numbers(METRIC.runRows) ?? NO_ROWS,
    stages: record(STAGES, (stage) => numbers(METRIC.stageDuration, stage) ?? NO_DURATION),
  }
}

export const sumOfCounts = (counts: readonly Counts[]): Counts => counts.reduce(plus, NO_COUNTS)

function plus(a: Counts, b: Counts): Counts {
  const added = (x: readonly number[], y: readonly number[]): number[] => x.map((n, i) => n + y[i]!)
  return {
    outcomes: record(OUTCOMES, (outcome) => a.outcomes[outcome] + b.outcomes[outcome]),
    rows: a.rows + b.rows,
    hits: a.hits + b.hits,
    misses: a.misses + b.misses,
    duration: added(a.duration, b.duration),
    runRows: added(a.runRows, b.runRows),
    stages: record(STAGES, (stage) => added(a.stages[stage], b.stages[stage])),
  }
}

export function trafficOf(counts: Counts, seconds: number): Traffic {
  const requests = OUTCOMES.reduce((sum, outcome) => sum + counts.outcomes[outcome], 0)
  const perSecond = (count: number): number => (seconds > 0 ? count / seconds : 0)
  const runRows = distributionOf(counts.runRows, ROWS, 1)
  return {
    ...{ seconds, requests, ...counts.outcomes, requestsPerSecond: perSecond(requests) },
    ...{ rows: counts.rows, rowsPerSecond: perSecond(counts.rows) },
    latencyMs: distributionOf(counts.duration, SECONDS, 1000),
    stagesMs: record(STAGES, (stage) => distributionOf(counts.stages[stage], SECONDS, 1000)),
    ...{ runs: runRows?.count ?? 0, rowsPerRun: runRows, cacheHitRate: hitRate(counts) },
  }
}

const hitRate = ({ hits, misses }: Counts): number | null => (hits + misses === 0 ? null : hits / (hits + misses))
