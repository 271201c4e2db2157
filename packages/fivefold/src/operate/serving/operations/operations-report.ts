import type { Outcome, Stage } from '../metrics/server-metrics.ts'
import type { ModelState } from '../runtime/model-repository.ts'
import type { CostReport } from './cost.ts'
import type { Distribution } from './distribution.ts'
import type { SloReport } from './slo/slo-report.ts'
import type { Windows } from './windows.ts'

/** What was asked and answered within a window. */
export interface Traffic extends Readonly<Record<Outcome, number>> {
  /** What the window really covers: less where the server is younger, some more since counts are kept in steps. */
  readonly seconds: number
  /** For predictions: ok, refused (4xx), left (the caller went away) and failed (5xx). */
  readonly requests: number
  readonly requestsPerSecond: number
  /** Rows predicted on. */
  readonly rows: number
  readonly rowsPerSecond: number
  /** Of whole requests that were answered ok. */
  readonly latencyMs: Distribution | null
  readonly stagesMs: Readonly<Record<Stage, Distribution | null>>
  readonly runs: number
  readonly rowsPerRun: Distribution | null
  /** From 0 to 1; null where there is no cache, or nothing was asked. */
  readonly cacheHitRate: number | null
}

/** A version; of a deployment the variants answer, and only decoding and encoding is done under its own name. */
export interface ModelOperations {
  readonly name: string
  readonly version: string
  /** `gone` where it answered in the last hour and is not there any more. */
  readonly state: ModelState | 'gone'
  readonly waitingRows: number
  readonly windows: Windows<Traffic>
}

export interface Percentiles {
  readonly p50: (number | null)[]
  readonly p95: (number | null)[]
  readonly p99: (number | null)[]
}

/** Columns of equal length for charts, an element for each step. */
export interface Series {
  readonly requestsPerSecond: number[]
  readonly refusedPerSecond: number[]
  readonly failedPerSecond: number[]
  readonly rowsPerSecond: number[]
  readonly waitingRows: number[]
  /** Mean. */
  readonly rowsPerRun: (number | null)[]
  readonly cacheHitRate: (number | null)[]
  readonly latencyMs: Percentiles
  readonly stagesMs: Readonly<Record<Stage, Percentiles>>
}

export interface ChartHistory {
  readonly stepSeconds: number
  /** Ends of the steps, milliseconds since 1970. */
  readonly timesMs: number[]
  readonly residentBytes: number[]
  readonly requestsInFlight: number[]
  readonly server: Series
  readonly models: readonly { readonly name: string; readonly version: string; readonly series: Series }[]
}

/** `GET /operations`. What is not known is null. */
export interface OperationsReport {
  /** Milliseconds since 1970, as is `startedMs`. */
  readonly nowMs: number
  /** Since when there are counts. */
  readonly startedMs: number
  readonly isReady: boolean
  /** That answered. */
  readonly processes: number
  /** Of all processes. */
  readonly residentBytes: number
  readonly requestsInFlight: number
  /** All models, and requests that found none. */
  readonly server: Windows<Traffic>
  readonly models: readonly ModelOperations[]
  /** Null where no objective is set. */
  readonly slo: SloReport | null
  /** Null where no price is set. */
  readonly cost: CostReport | null
  readonly history: ChartHistory | null
}

/** Steps of ten seconds over ten minutes, of a minute over an hour, or no points. */
export const HISTORY_SPANS = ['10m', '1h', 'none'] as const
export type HistorySpan = (typeof HISTORY_SPANS)[number]
