import { FivefoldError } from '../../core/index.ts'

/** An estimate and the variance of that estimate (not of one observation). */
export interface Estimate {
  readonly value: number
  readonly variance: number
}

/**
 * Log of the mixture likelihood ratio of mSPRT (Robbins, 1970; Johari et al., 2017): the effect 0 against effects drawn from
 * N(0, `priorVariance`). As long as the effect is 0 its exponential exceeds 1/α at any time with probability α at most.
 */
export function logMixtureRatio({ value, variance }: Estimate, priorVariance: number): number {
  const total = variance + priorVariance
  return 0.5 * Math.log(variance / total) + (priorVariance * value * value) / (2 * variance * total)
}

/** Half the width of the confidence sequence that the mixture ratio inverts to, at level 1 - `alpha`. */
export function mixtureMargin(variance: number, priorVariance: number, alpha: number): number {
  const total = variance + priorVariance
  return Math.sqrt(((variance * total) / priorVariance) * Math.log(total / (variance * alpha * alpha)))
}

/**
 * The prior variance that makes the confidence sequence about the narrowest at the moment when the estimate has
 * `plannedVariance` (Howard et al., 2021, section 3.5; the closed form of Waudby-Smith et al., 2024, appendix C).
 */
export function narrowestPriorVariance(plannedVariance: number, alpha: number): number {
  checkAlpha(alpha)
  const logs = -2 * Math.log(alpha)
  return plannedVariance * (logs + Math.log(logs) + 1)
}

export function checkAlpha(alpha: number): void {
  if (!(alpha > 0 && alpha < 1))
    throw new FivefoldError('OPTION_INVALID', `alpha is ${alpha}; it lies between 0 and 1, both excluded`)
}
