import { FivefoldError } from '../../core/index.ts'
import { consistentSuccesses, priorAround } from './binomial-mixture.ts'
import type { HistogramBuilder } from './value-histogram.ts'

export interface QuantileInterval {
  /** The sample quantile; NaN without values. */
  readonly value: number
  readonly low: number
  readonly high: number
}

/** Values by rank, 1 for the smallest. */
export type RankedValues = Pick<HistogramBuilder, 'count' | 'valueOfRank'>

/** The prior is as sure as this many values: intervals are narrowest around some ten times as many. */
const PRIOR_VALUES = 100

/**
 * Interval that contains the `probability`-quantile of a stream at all numbers of values at once, with probability 1 - `alpha`.
 * Assumes nothing of the distribution: how many values lie below the quantile is binomial, and its beta-binomial mixture bound
 * gives the ranks (Howard and Ramdas, 2022).
 *
 * @throws OPTION_INVALID
 */
export function quantileSequence(values: RankedValues, probability: number, alpha = 0.05): QuantileInterval {
  if (!(probability > 0 && probability < 1))
    throw new FivefoldError('OPTION_INVALID', `the quantile ${probability} is not between 0 and 1`)
  const { count } = values
  const ranks = consistentSuccesses(count, probability, alpha, priorAround(probability, PRIOR_VALUES))
  return {
    value: values.valueOfRank(Math.max(1, Math.ceil(count * probability))),
    low: ranks.fewest === 0 ? 0 : values.valueOfRank(ranks.fewest),
    high: ranks.most >= count ? Number.POSITIVE_INFINITY : values.valueOfRank(ranks.most + 1),
  }
}

export interface QuantileComparison {
  readonly control: QuantileInterval
  readonly treatment: QuantileInterval
  /** Treatment less control, and an interval for it at all times at once. */
  readonly difference: QuantileInterval
  /** Treatment over control, and an interval for it at all times at once. */
  readonly ratio: QuantileInterval
}

/**
 * Compares a quantile of two streams of positive values, such as the 95th percentile of latencies; may be looked at after every
 * value. Each arm's interval has level 1 - alpha/2, so what they say together has level 1 - alpha.
 *
 * @throws OPTION_INVALID
 */
export function compareQuantilesSequentially(
  control: RankedValues,
  treatment: RankedValues,
  probability: number,
  alpha = 0.05,
): QuantileComparison {
  const before = quantileSequence(control, probability, alpha / 2)
  const after = quantileSequence(treatment, probability, alpha / 2)
  return {
    control: before,
    treatment: after,
    difference: {
      value: after.value - before.value,
      low: after.low - before.high,
      high: after.high - before.low,
    },
    ratio: {
      value: after.value / before.value,
      low: before.high === Number.POSITIVE_INFINITY ? 0 : after.low / before.high,
      high: before.low === 0 ? Number.POSITIVE_INFINITY : after.high / before.low,
    },
  }
}
