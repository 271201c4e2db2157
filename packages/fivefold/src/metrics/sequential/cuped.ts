import { FivefoldError } from '../../core/index.ts'
import { type SequentialComparison, type SequentialOptions, sequentialInterval } from './compare-means.ts'
import type { PairMoments } from './moments.ts'

export interface CupedComparison extends Omit<SequentialComparison, 'control' | 'treatment'> {
  readonly control: PairMoments
  readonly treatment: PairMoments
  /** How the metric moves with the covariate, pooled over the arms. */
  readonly slope: number
  /** Share of the metric's variance that the covariate explains and the adjustment takes away: ρ². */
  readonly varianceReduction: number
  /** The difference without adjustment. */
  readonly unadjustedDifference: number
}

/**
 * Compares two means after taking away what a covariate from before the experiment explains (CUPED; Deng et al., 2013); may be
 * looked at after every pair. The covariate must not be affected by the treatment.
 *
 * @throws OPTION_INVALID
 */
export function compareWithCuped(
  control: PairMoments,
  treatment: PairMoments,
  { alpha = 0.05, plannedCount = 5000 }: SequentialOptions = {},
): CupedComparison {
  if (!(plannedCount > 0))
    throw new FivefoldError('OPTION_INVALID', `plannedCount is ${plannedCount}; it is a number of values above 0`)
  const slope = pooledSlope(control, treatment)
  const unadjustedDifference = treatment.meanY - control.meanY
  const value = unadjustedDifference - slope * (treatment.meanX - control.meanX)
  const variances = [control, treatment].map((arm) => adjustedVariance(arm, slope))
  const perValue = variances[0]! + variances[1]!
  const variance = variances[0]! / control.count + variances[1]! / treatment.count
  const smaller = Math.min(control.count, treatment.count)
  const interval = sequentialInterval({ value, variance }, { alpha, plannedVariance: perValue / plannedCount }, smaller)
  const varianceReduction = explainedShare(control, treatment)
  return { difference: value, ...interval, control, treatment, slope, varianceReduction, unadjustedDifference }
}

function pooledSlope(a: PairMoments, b: PairMoments): number {
  const squaresX = a.squaresX + b.squaresX
  return squaresX > 0 ? (a.products + b.products) / squaresX : 0
}

function explainedShare(a: PairMoments, b: PairMoments): number {
  const squares = (a.squaresX + b.squaresX) * (a.squaresY + b.squaresY)
  return squares > 0 ? (a.products + b.products) ** 2 / squares : 0
}

/** Sample variance of y - slope·x. */
function adjustedVariance({ count, squaresX, squaresY, products }: PairMoments, slope: number): number {
  if (count < 2) return 0
  return Math.max(0, squaresY - 2 * slope * products + slope * slope * squaresX) / (count - 1)
}
