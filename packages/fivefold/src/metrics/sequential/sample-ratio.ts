import { FivefoldError } from '../../core/index.ts'
import { chiSquareSurvival, logGamma } from '../special-functions.ts'

export interface SampleRatioTest {
  readonly statistic: number
  readonly pValue: number
  /** Counts that the shares would have given. */
  readonly expected: readonly number[]
}

/**
 * Sample ratio mismatch, looked at once: chi-squared test of counts against the shares in which units were to be divided. A small
 * p-value (Fabijan et al., 2019, use 0.0005) means that assignment or logging is broken, and no comparison can be trusted.
 *
 * @throws METRIC_INPUT
 */
export function sampleRatioTest(counts: readonly number[], shares: readonly number[]): SampleRatioTest {
  const probabilities = checkedShares(counts, shares)
  const total = counts.reduce((sum, count) => sum + count, 0)
  const expected = probabilities.map((share) => share * total)
  const statistic =
    total === 0 ? 0 : counts.reduce((sum, count, i) => sum + (count - expected[i]!) ** 2 / expected[i]!, 0)
  return { statistic, pValue: total === 0 ? 1 : chiSquareSurvival(statistic, counts.length - 1), expected }
}

/** How sure the mixture of the sequential test is that shares are about as intended: a mismatch is mostly a small one. */
const PRIOR_STRENGTH = 100

/**
 * Log evidence of a sample ratio mismatch that may be looked at after every unit: exceeds log(1/α) at any time with probability α
 * at most where units are divided as intended (Dirichlet mixture; Lindon and Malek, 2022).
 *
 * @throws METRIC_INPUT
 */
export function sampleRatioEvidence(counts: readonly number[], shares: readonly number[]): number {
  const probabilities = checkedShares(counts, shares)
  const total = counts.reduce((sum, count) => sum + count, 0)
  let evidence = logGamma(PRIOR_STRENGTH) - logGamma(PRIOR_STRENGTH + total)
  counts.forEach((count, i) => {
    const prior = PRIOR_STRENGTH * probabilities[i]!
    evidence += logGamma(prior + count) - logGamma(prior) - count * Math.log(probabilities[i]!)
  })
  return evidence
}

/** Always-valid p-value of `sampleRatioEvidence`. */
export function sampleRatioPValue(counts: readonly number[], shares: readonly number[]): number {
  return Math.min(1, Math.exp(-sampleRatioEvidence(counts, shares)))
}

function checkedShares(counts: readonly number[], shares: readonly number[]): readonly number[] {
  const total = shares.reduce((sum, share) => sum + share, 0)
  const isUsable =
    counts.length === shares.length &&
    counts.length >= 2 &&
    shares.every((share) => share > 0) &&
    Number.isFinite(total) &&
    counts.every((count) => count >= 0 && Number.isFinite(count))
  if (!isUsable)
    throw new FivefoldError(
      'METRIC_INPUT',
      'a sample ratio needs a count and a share above 0 for each of two or more groups',
    )
  return shares.map((share) => share / total)
}
