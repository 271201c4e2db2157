import type { Rng } from '../../core/index.ts'
import { ksTest } from '../../metrics/index.ts'
import type { Comparison } from './comparison.ts'
import { detectableOrNull, type Effect, effectiveSize, POWER_Z, type TestPlan } from './finding.ts'
import { sequentialPValue } from './monte-carlo.ts'
import { referenceVariation } from './reference-variation.ts'

/** E[K²] of the Kolmogorov distribution, π²/12. */
const KOLMOGOROV_SECOND_MOMENT = Math.PI ** 2 / 12

/**
 * Two-sample Kolmogorov-Smirnov test: exact for small samples, else asymptotic. Where many values are equal the
 * asymptotic p-value is too large (the statistic cannot move inside a tie); then the null distribution is drawn from the
 * Brownian bridge at the values that occur. Undefined below two values a side. NaN must be left out.
 */
export function compareNumbers(reference: Float64Array, current: Float64Array, plan: TestPlan): Comparison | undefined {
  if (reference.length < 2 || current.length < 2) return undefined
  const test = ksTest(reference, current)
  const { statistic } = test
  const size = effectiveSize(reference.length, current.length)
  // The tie-free p-value is an upper bound with ties: where it is tiny already there is nothing to refine.
  const refine = test.method === 'asymptotic' && test.pValue > 1 / plan.maxDraws
  const ties = refine ? tieEnds(sortedPool(reference, current)) : undefined
  const tied = ties !== undefined && ties.length < (reference.length + current.length) / 2
  return {
    method: tied ? 'Kolmogorov-Smirnov, Monte Carlo' : 'Kolmogorov-Smirnov',
    statistic,
    pValue: tied ? tiedPValue(statistic * Math.sqrt(size), ties, plan) : test.pValue,
    effectUnit: 'ksDistance',
    ...ksEffect(statistic, size),
    referenceVariation: referenceVariation(reference, plan, chunkEffect),
    detectableEffect: (level) => detectableOrNull((kolmogorovQuantile(level) + POWER_Z / 2) / Math.sqrt(size)),
  }
}

function ksEffect(effect: number, size: number): Effect {
  return {
    effect,
    ofSampling: Math.sqrt(KOLMOGOROV_SECOND_MOMENT / size),
    noiseLimit: kolmogorovQuantile(0.005) / Math.sqrt(size),
  }
}

function chunkEffect(chunk: Float64Array, rest: Float64Array): Effect {
  if (chunk.length < 2 || rest.length < 2) return { effect: 0, ofSampling: 0, noiseLimit: 0 }
  return ksEffect(ksTest(chunk, rest).statistic, effectiveSize(chunk.length, rest.length))
}

/** x with P(K > x) = level, from the leading term of the series, 2 exp(-2x²); exact to 1e-5 below level 0.2. */
function kolmogorovQuantile(level: number): number {
  return Math.sqrt(Math.log(2 / level) / 2)
}

function sortedPool(reference: Float64Array, current: Float64Array): Float64Array {
  const pool = new Float64Array(reference.length + current.length)
  pool.set(reference)
  pool.set(current, reference.length)
  return pool.sort()
}

/** Position after the last of each run of equal values. */
function tieEnds(sorted: Float64Array): Int32Array {
  const ends: number[] = []
  for (let i = 1; i <= sorted.length; i++) if (i === sorted.length || sorted[i] !== sorted[i - 1]) ends.push(i)
  return Int32Array.from(ends)
}

function tiedPValue(scaledStatistic: number, groups: Int32Array, { rng, maxDraws }: TestPlan): number {
  return sequentialPValue(scaledStatistic, () => bridgeSupremum(groups, rng), maxDraws)
}

/** Largest |B(t)| of a Brownian bridge over the distribution function's values at the atoms. */
function bridgeSupremum(groups: Int32Array, rng: Rng): number {
  const total = groups[groups.length - 1]!
  const walk = new Float64Array(groups.length)
  let position = 0
  let before = 0
  for (let k = 0; k < groups.length; k++) {
    const time = groups[k]! / total
    position += rng.normal() * Math.sqrt(time - before)
    walk[k] = position
    before = time
  }
  let largest = 0
  for (let k = 0; k < groups.length; k++)
    largest = Math.max(largest, Math.abs(walk[k]! - (groups[k]! / total) * position))
  return largest
}
