import type { Rng } from '../../core/index.ts'
import type { DriftAspect, DriftMethod, EffectUnit } from './drift-report.ts'

/** How large a difference between two samples is, and how large it would be by sampling alone. */
export interface Effect {
  readonly effect: number
  /** Root mean square (or mean) of the effect where both samples come from one distribution. */
  readonly ofSampling: number
  /** Above this a difference is hardly sampling: about one in two hundred. */
  readonly noiseLimit: number
}

/** A test before it is seen together with the others of its report. */
export interface Finding extends Effect {
  readonly subject: string
  readonly aspect: DriftAspect
  readonly method: DriftMethod
  readonly statistic: number
  readonly pValue: number
  readonly effectUnit: EffectUnit
  /** Largest effect beyond sampling of a chunk of the reference against the rest of it; 0 without chunks. */
  readonly referenceVariation: number
  /** Smallest effect beyond sampling that is significant with power 0.8 where p-values up to `level` are. */
  detectableEffect(level: number): number | null
}

export interface ChunkPlan {
  /** Consecutive chunks into which the reference is cut; 0 where its order means nothing. */
  readonly chunks: number
  /** What a difference between chunks becomes between stretches as long as reference and current window. */
  readonly shrinkage: number
}

/** What every test needs to know beside its two samples. */
export interface TestPlan extends ChunkPlan {
  readonly rng: Rng
  /** Upper bound of Monte Carlo draws. */
  readonly maxDraws: number
}

/** nm / (n + m): the sample size that two-sample statistics scale with. */
export function effectiveSize(n: number, m: number): number {
  return (n * m) / (n + m)
}

/** Sampling taken off in quadrature: independent deviations add by their squares. */
export function beyondSampling({ effect, ofSampling }: Effect): number {
  return Math.sqrt(Math.max(0, effect * effect - ofSampling * ofSampling))
}

/** z for power 0.8. */
export const POWER_Z = 0.8416212335729143

/** Values above 1 cannot happen: such a drift is not detectable at all. */
export function detectableOrNull(effect: number): number | null {
  return effect <= 1 ? effect : null
}
