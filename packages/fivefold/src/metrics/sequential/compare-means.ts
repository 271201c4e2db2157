import { FivefoldError } from '../../core/index.ts'
import { type Moments, sampleVariance } from './moments.ts'
import { checkAlpha, logMixtureRatio, mixtureMargin, narrowestPriorVariance } from './normal-mixture.ts'

export interface SequentialOptions {
  /** The probability that any look at any time finds an effect where there is none. Default 0.05. */
  readonly alpha?: number
  /** Values an arm at which the interval shall be the narrowest. Default 5000. Any value is valid; it trades early for late. */
  readonly plannedCount?: number
}

export interface SequentialComparison {
  /** Treatment less control. */
  readonly difference: number
  /** Interval that contains the true difference at all times at once, with probability 1 - alpha. */
  readonly low: number
  readonly high: number
  /** Always-valid p-value of this look. The smallest one of all looks may be used. */
  readonly pValue: number
  readonly control: Moments
  readonly treatment: Moments
}

/** Below this count an arm's variance is not known well enough for the normal limit that the test rests on. */
const FEWEST_VALUES = 25

/**
 * Compares two means; may be looked at after every value. mSPRT with a normal mixture (Johari et al., 2017) on the variances
 * estimated so far, so the level holds in the limit of many values (Waudby-Smith et al., 2024): no verdict below 25 an arm.
 *
 * @throws OPTION_INVALID
 */
export function compareMeansSequentially(
  control: Moments,
  treatment: Moments,
  { alpha = 0.05, plannedCount = 5000 }: SequentialOptions = {},
): SequentialComparison {
  const difference = treatment.mean - control.mean
  const perValue = sampleVariance(control) + sampleVariance(treatment)
  const variance = sampleVariance(control) / control.count + sampleVariance(treatment) / treatment.count
  const interval = sequentialInterval(
    { value: difference, variance },
    { alpha, plannedVariance: perValue / checkedCount(plannedCount) },
    Math.min(control.count, treatment.count),
  )
  return { difference, ...interval, control, treatment }
}

function checkedCount(plannedCount: number): number {
  if (plannedCount > 0) return plannedCount
  throw new FivefoldError('OPTION_INVALID', `plannedCount is ${plannedCount}; it is a number of values above 0`)
}

/** Confidence sequence and always-valid p-value of an estimate that is normal in the limit. */
export function sequentialInterval(
  estimate: { readonly value: number; readonly variance: number },
  { alpha, plannedVariance }: { readonly alpha: number; readonly plannedVariance: number },
  count: number,
): { low: number; high: number; pValue: number } {
  checkAlpha(alpha)
  const { value, variance } = estimate
  if (count < FEWEST_VALUES || !(variance > 0))
    return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY, pValue: 1 }
  const prior = narrowestPriorVariance(plannedVariance, alpha)
  const margin = mixtureMargin(variance, prior, alpha)
  return { low: value - margin, high: value + margin, pValue: Math.min(1, Math.exp(-logMixtureRatio(estimate, prior))) }
}

/** 0/1 values as moments: a proportion is a mean. */
export function momentsOfCounts(successes: number, trials: number): Moments {
  const mean = trials === 0 ? 0 : successes / trials
  return { count: trials, mean, squares: trials * mean * (1 - mean) }
}
