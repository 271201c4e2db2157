import type { CanaryEvent, CanaryGroup } from './canary-event.ts'

/** Something by which a canary can be worse than its control: takes events, and holds evidence at any time. */
export interface Criterion {
  readonly name: string
  /** Whether the canary may look worse than it did before. */
  observe(event: CanaryEvent): boolean
  isWorse(): boolean
  report(): CriterionReport
  /** Plain data that the criterion is made from again. */
  toState(): unknown
}

export interface CriterionReport {
  readonly name: string
  readonly isWorse: boolean
  /** Always-valid p-value of "the canary is no worse than tolerated". */
  readonly pValue: number
  /** Level at which it is rolled back: the share of the false roll-back rate that this criterion has. */
  readonly alpha: number
  readonly canary: Observed
  readonly control: Observed
  /** What the evidence says, in words and figures. */
  readonly summary: string
}

export interface Observed {
  /** Values seen. */
  readonly count: number
  /** Rate of bad events, quantile or mean; NaN without values. */
  readonly value: number
}

/** @public */
export type Pair<T> = Readonly<Record<CanaryGroup, T>>

/** Units that a criterion counts at most: by then it has decided, or nothing is there to be found. */
export const MOST_UNITS = 50_000
