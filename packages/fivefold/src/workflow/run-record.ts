import type { MetricName, MetricValue, MetricValues } from '../metrics/index.ts'
import type { LeaderboardEntry } from '../train/index.ts'

/** `run.json`: what a run did and found. Field names are part of the public contract. */
export interface RunRecord {
  readonly fivefold: string
  readonly task: string
  readonly target: string
  readonly metric: MetricName
  /** Of two classes the one that precision, recall and the threshold are about. */
  readonly positiveClass?: string
  readonly seed: number
  readonly data: { readonly hash: string; readonly rows: number; readonly columns: number; readonly version: string }
  readonly baseline: { readonly estimator: string; readonly metrics: MetricValues }
  readonly leaderboard: readonly LeaderboardEntry[]
  readonly test: {
    readonly rows: number
    readonly metrics: MetricValues
    /** Regression: mean of actual minus predicted. */
    readonly bias?: MetricValue
    readonly protocol: string
  }
  /** Where the rows were too many for all of them: how many stood for how many. Each part is absent where all were used. */
  readonly sampled?: {
    /** Training rows on which the leaderboard was measured. */
    readonly compared?: SampleSize
    /** Training rows on which the model was fitted in the end. */
    readonly fitted?: SampleSize
    readonly tested?: SampleSize
  }
  readonly criteria: readonly CriterionResult[]
  readonly model: {
    readonly path: string
    readonly sizeBytes: number
    readonly estimator: string
    readonly threshold: number | null
    readonly latencyMs: LatencyFigures
    readonly batchRowsPerSecond: number
    /** `name/version` in the registry; absent where the run ended before. */
    readonly version?: string
  }
  readonly warnings: readonly string[]
  readonly stages: readonly StageRecord[]
}

export interface SampleSize {
  readonly rows: number
  readonly of: number
}

export interface LatencyFigures {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

export interface CriterionResult {
  readonly metric: MetricName
  readonly at_least?: number
  readonly at_most?: number
  readonly met: boolean
}

export const STAGES = ['profile', 'prepare', 'train', 'evaluate', 'register'] as const
export type StageName = (typeof STAGES)[number]

export interface StageRecord {
  readonly name: StageName
  readonly seconds: number
  /** Whether the result was taken from an earlier run with the same data, config and seed. */
  readonly cached: boolean
}
