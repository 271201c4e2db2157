import { createHistogram, proportionSequence, type QuantileInterval, quantileSequence } from '../../../metrics/index.ts'
import type { AnswerDifference } from './compare-answers.ts'

export interface ShadowReport {
  readonly variant: string
  /** Requests that the shadow answered, rows compared. */
  readonly answers: number
  readonly rows: number
  /** Share of rows in which it said the same, with an interval that holds at all times at once. */
  readonly agreement: { readonly value: number; readonly low: number; readonly high: number }
  readonly largestDifference: number
  readonly errors: number
  /** Copies that were not sent, since too many were on their way. */
  readonly skipped: number
  readonly latency: QuantileInterval
}

/** What the copies of requests to one variant came to, since the server began. */
export interface ShadowTally {
  compared(difference: AnswerDifference, latencyMs: number): void
  failed(): void
  skipped(): void
  report(): ShadowReport
}

export function createShadowTally(variant: string): ShadowTally {
  const latencies = createHistogram()
  const counts = { answers: 0, rows: 0, agreeing: 0, errors: 0, skipped: 0 }
  let largestDifference = 0
  return {
    compared: ({ rows, agreeing, largest }, latencyMs) => {
      counts.answers++
      counts.rows += rows
      counts.agreeing += agreeing
      largestDifference = Math.max(largestDifference, largest)
      latencies.add(latencyMs)
    },
    failed: () => {
      counts.errors++
    },
    skipped: () => {
      counts.skipped++
    },
    report: () => {
      const { agreeing, ...shown } = counts
      const agreement = proportionSequence(agreeing, counts.rows)
      return { variant, ...shown, agreement, largestDifference, latency: quantileSequence(latencies, 0.95) }
    },
  }
}
