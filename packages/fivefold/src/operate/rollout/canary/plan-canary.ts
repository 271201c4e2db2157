import { type Detection, requestsUntilDetection } from '../../../metrics/index.ts'
import type { CanaryPolicy } from '../policy/traffic-policy.ts'
import { alphaOfCriterion } from './canary.ts'

/** How often something bad happens to the control, and to a canary that shall be caught. */
export interface Harm {
  readonly controlRate: number
  readonly canaryRate: number
}

export interface CanaryHarm {
  readonly errors?: Harm
  /** Share of the canary's answers that take longer than `tolerance` times the control's quantile: 0.05 would be as the control. */
  readonly slowRate?: number
  /** Bad events of outcomes of the kind `event`, by name. */
  readonly outcomes?: Readonly<Record<string, Harm>>
  /** Probability of being caught within the requests stated. Default 0.9. */
  readonly power?: number
}

export interface PlannedCriterion extends Detection {
  readonly criterion: string
  /** Whether the stages are long enough to catch it before promotion. */
  readonly isWithinStages: boolean
}

export interface CanaryPlan {
  /** Level of each criterion: its part of the false roll-back rate. */
  readonly alpha: number
  /** Answers of the canary over all stages. */
  readonly requests: number
  readonly criteria: readonly PlannedCriterion[]
}

/**
 * Within how many requests to the canary a harm of a stated size is caught; and whether the stages of the policy have as many.
 *
 * @throws OPTION_INVALID where the harm is within what the policy tolerates
 */
export function planCanary(policy: CanaryPolicy, harm: CanaryHarm): CanaryPlan {
  const alpha = alphaOfCriterion(policy)
  const requests = policy.stages.reduce((sum, stage) => sum + stage.requests, 0)
  const power = harm.power ?? 0.9
  const planned = (criterion: string, { controlRate, canaryRate }: Harm, tolerance: number): PlannedCriterion => {
    const detection = requestsUntilDetection({ alpha, power, controlRate, treatmentRate: canaryRate, tolerance })
    return { criterion, ...detection, isWithinStages: detection.requests <= requests }
  }
  const { latency, outcomes } = policy
  const slow = { controlRate: 1 - latency.quantile, canaryRate: harm.slowRate ?? 0 }
  const criteria = [
    ...(harm.errors ? [planned('errors', harm.errors, policy.errors.tolerance)] : []),
    ...(harm.slowRate === undefined ? [] : [planned('latency', slow, 1)]),
    ...outcomes.flatMap((outcome) => {
      const expected = outcome.kind === 'event' ? harm.outcomes?.[outcome.name] : undefined
      return expected ? [planned(`outcome.${outcome.name}`, expected, outcome.tolerance)] : []
    }),
  ]
  return { alpha, requests, criteria }
}
