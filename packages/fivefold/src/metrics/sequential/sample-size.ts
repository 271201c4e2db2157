import { FivefoldError } from '../../core/index.ts'
import { normalQuantile } from '../special-functions.ts'

interface PlanOptions {
  /** Two-sided level. Default 0.05. */
  readonly alpha?: number
  /** Probability of finding the effect where it is there. Default 0.8. */
  readonly power?: number
  /** Units of the treatment for each one of the control. Default 1. */
  readonly ratio?: number
}

export interface SampleSize {
  readonly control: number
  readonly treatment: number
}

export interface MeansPlan extends PlanOptions {
  /** Smallest difference of means that shall be found. */
  readonly effect: number
  readonly standardDeviation: number
  /** Share of the variance that CUPED takes away, in [0, 1). Default 0. */
  readonly varianceReduction?: number
}

/**
 * Units an arm for a two-sided test of two means with one look at the end, the normal approximation with the correction for an
 * estimated variance (Guenther, 1981). An always-valid test needs about twice as many to have the same power, and mostly stops
 * before.
 *
 * @throws OPTION_INVALID
 */
export function sampleSizeForMeans(plan: MeansPlan): SampleSize {
  const { effect, standardDeviation, varianceReduction = 0 } = plan
  const { forLevel, forPower, ratio } = quantilesOf(plan)
  if (
    !(
      effect !== 0 &&
      Number.isFinite(effect) &&
      standardDeviation > 0 &&
      varianceReduction >= 0 &&
      varianceReduction < 1
    )
  )
    throw new FivefoldError('OPTION_INVALID', 'the effect is a number other than 0, the standard deviation above 0')
  const variance = standardDeviation ** 2 * (1 - varianceReduction)
  const control =
    ((1 + 1 / ratio) * variance * (forLevel + forPower) ** 2) / effect ** 2 + forLevel ** 2 / (2 * (1 + ratio))
  return rounded(control, ratio)
}

export interface ProportionsPlan extends PlanOptions {
  /** Proportion in the control. */
  readonly baseline: number
  /** Smallest difference of proportions that shall be found: 0.01 is one percentage point. */
  readonly effect: number
}

/**
 * Units an arm for a two-sided test of two proportions with one look at the end, variances pooled under the null hypothesis
 * (Fleiss et al., 2003, without continuity correction).
 *
 * @throws OPTION_INVALID
 */
export function sampleSizeForProportions(plan: ProportionsPlan): SampleSize {
  const { baseline, effect } = plan
  const { forLevel, forPower, ratio } = quantilesOf(plan)
  const changed = baseline + effect
  if (!(effect !== 0 && baseline >= 0 && baseline <= 1 && changed >= 0 && changed <= 1))
    throw new FivefoldError(
      'OPTION_INVALID',
      `proportions of ${baseline} and ${changed} cannot be told apart: they differ and lie in [0, 1]`,
    )
  const pooled = (baseline + ratio * changed) / (1 + ratio)
  const atNull = forLevel * Math.sqrt((1 + 1 / ratio) * pooled * (1 - pooled))
  const atEffect = forPower * Math.sqrt(baseline * (1 - baseline) + (changed * (1 - changed)) / ratio)
  return rounded(((atNull + atEffect) / effect) ** 2, ratio)
}

function quantilesOf({ alpha = 0.05, power = 0.8, ratio = 1 }: PlanOptions): {
  forLevel: number
  forPower: number
  ratio: number
} {
  if (!(alpha > 0 && alpha < 1 && power > 0 && power < 1 && ratio > 0 && Number.isFinite(ratio)))
    throw new FivefoldError('OPTION_INVALID', 'alpha and power lie between 0 and 1, the ratio is above 0')
  return { forLevel: normalQuantile(1 - alpha / 2), forPower: normalQuantile(power), ratio }
}

const rounded = (control: number, ratio: number): SampleSize => ({
  control: Math.ceil(control),
  treatment: Math.ceil(control * ratio),
})
