import { isHigherBetter } from '../loss/early-stopping-metric.ts'
import type { RoundReport } from './round-report.ts'
import type { TrainingJob } from './training-job.ts'

/** Remembers the round of the best report. */
export interface Best {
  /** By the metric, or the loss where none is followed. A report that holds neither counts as an improvement. */
  offer(report: RoundReport): void
  /** Counted from 1. */
  round(): number
  /** Whether early stopping has waited long enough after the best round. */
  isLongAgo(round: number): boolean
}

export function followBest({ params, customMetric }: TrainingJob): Best {
  const { metric, earlyStoppingRounds } = params
  const higherIsBetter = customMetric?.higherIsBetter ?? (metric !== 'loss' && isHigherBetter(metric))
  let bestRound = 0
  let bestValue = Number.NaN
  const isBetter = (value: number): boolean => (higherIsBetter ? value > bestValue : value < bestValue)
  return {
    offer: ({ round, validationMetric, validationLoss }) => {
      const value = validationMetric ?? validationLoss
      if (value !== undefined && bestRound > 0 && !isBetter(value)) return
      bestRound = round
      bestValue = value ?? Number.NaN
    },
    round: () => bestRound,
    isLongAgo: (round) => earlyStoppingRounds > 0 && round - bestRound >= earlyStoppingRounds,
  }
}
