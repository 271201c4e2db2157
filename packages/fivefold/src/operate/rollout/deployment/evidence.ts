import { z } from 'zod'
import type { Rng } from '../../../core/index.ts'
import {
  createHistogram,
  type HistogramBuilder,
  type QuantileInterval,
  quantileSequence,
} from '../../../metrics/index.ts'
import type { ArmReport, Bandit } from '../bandit/bandit.ts'
import { createBandit } from '../bandit/create-bandit.ts'
import { type Canary, type CanaryDecision, type CanaryReport, createCanary } from '../canary/canary.ts'
import { createExperiment, type Experiment, type ExperimentReport } from '../experiment/experiment.ts'
import type { AnswerEvent, OutcomeEvent } from '../log/log-event.ts'
import { parsedAs, type TrafficPolicy, variantsOf } from '../policy/traffic-policy.ts'

export interface VariantReport {
  readonly variant: string
  readonly answers: number
  readonly errors: number
  /** Milliseconds; intervals hold at all times at once, each at 95%. */
  readonly latency: { readonly p50: QuantileInterval; readonly p95: QuantileInterval; readonly p99: QuantileInterval }
}

export interface EvidenceReport {
  readonly variants: readonly VariantReport[]
  readonly canary?: CanaryReport
  readonly experiment?: ExperimentReport
  readonly bandit?: readonly ArmReport[]
}

/** All that is learned under one policy from answers and outcomes. */
export interface Evidence {
  readonly bandit: Bandit | undefined
  /** Whether the policy is there to find something out. */
  readonly isStudy: boolean
  answer(event: AnswerEvent): CanaryDecision
  /** With the answer that the outcome belongs to. */
  outcome(event: OutcomeEvent, answer: AnswerEvent): CanaryDecision
  /** Share of a canary now. */
  canaryShare(): number | undefined
  /** Status of a canary; undefined where there is none. */
  canaryStatus(): CanaryReport['status'] | undefined
  report(): EvidenceReport
  toState(): unknown
}

const count = z.number().int().nonnegative()
const variantSchema = z.strictObject({
  ...{ answers: count, errors: count },
  latencies: z.strictObject({ count, buckets: z.record(z.string(), count) }),
})
const stateSchema = z.strictObject({
  variants: z.record(z.string(), variantSchema),
  canary: z.unknown().optional(),
  experiment: z.unknown().optional(),
  bandit: z.unknown().optional(),
})

interface VariantTally {
  answers: number
  errors: number
  readonly latencies: HistogramBuilder
}

interface Learners {
  readonly canary?: Canary
  readonly experiment?: Experiment
  readonly bandit?: Bandit
}

const CONTINUE: CanaryDecision = { action: 'continue' }

/** @throws CONFIG_INVALID where `from` is not a state of this policy */
export function createEvidence(policy: TrafficPolicy, rng: Rng, from?: unknown): Evidence {
  const state = from === undefined ? { variants: {} } : parsedAs(stateSchema, from, 'the state of the deployment')
  const { canary, experiment, bandit } = learnersOf(policy, rng, state)
  const tallies = talliesOf(policy, state.variants)
  return {
    bandit,
    isStudy: Boolean(canary ?? experiment ?? bandit),
    answer: (event) => {
      countAnswer(tallies, event)
      if (event.group === 'arm') experiment?.recordAssignment(event)
      if (event.group !== 'canary' && event.group !== 'control') return CONTINUE
      return canary?.record({ ...event, group: event.group, kind: 'answer' }) ?? CONTINUE
    },
    outcome: (event, { variant, group, key, context }) => {
      const { name, value, timeMs, covariate } = event
      const unit = { variant, ...(key === undefined ? {} : { key }) }
      if (group === 'arm') {
        experiment?.recordOutcome({ ...unit, name, value, ...(covariate === undefined ? {} : { covariate }) })
        if (policy.traffic.kind === 'bandit' && policy.traffic.reward === name) bandit?.reward(variant, value, context)
      }
      if (group !== 'canary' && group !== 'control') return CONTINUE
      return canary?.record({ kind: 'outcome', group, name, value, timeMs, ...unit }) ?? CONTINUE
    },
    canaryShare: () => canary?.report().share,
    canaryStatus: () => canary?.report().status,
    report: () => ({
      variants: [...tallies].map(([variant, tally]) => variantReport(variant, tally)),
      ...(canary ? { canary: canary.report() } : {}),
      ...(experiment ? { experiment: experiment.report() } : {}),
      ...(bandit ? { bandit: bandit.report() } : {}),
    }),
    toState: () => ({
      variants: Object.fromEntries(
        [...tallies].map(([variant, { answers, errors, latencies }]) => [
          variant,
          { answers, errors, latencies: latencies.toHistogram() },
        ]),
      ),
      ...(canary ? { canary: canary.toState() } : {}),
      ...(experiment ? { experiment: experiment.toState() } : {}),
      ...(bandit ? { bandit: bandit.toState() } : {}),
    }),
  }
}

function learnersOf({ traffic }: TrafficPolicy, rng: Rng, state: z.infer<typeof stateSchema>): Learners {
  switch (traffic.kind) {
    case 'canary':
      return { canary: createCanary(traffic, state.canary) }
    case 'experiment':
      return { experiment: createExperiment(traffic, state.experiment) }
    case 'bandit':
      return { bandit: createBandit(traffic, rng, state.bandit) }
    default:
      return {}
  }
}

function talliesOf(policy: TrafficPolicy, stored: z.infer<typeof stateSchema>['variants']): Map<string, VariantTally> {
  return new Map(
    variantsOf(policy).map((variant) => {
      const { answers, errors, latencies } = (Object.hasOwn(stored, variant) && stored[variant]) || NOTHING
      return [variant, { answers, errors, latencies: createHistogram(latencies) }]
    }),
  )
}

const NOTHING = { answers: 0, errors: 0, latencies: { count: 0, buckets: {} } }

function countAnswer(tallies: ReadonlyMap<string, VariantTally>, { variant, ok, latencyMs }: AnswerEvent): void {
  const tally = tallies.get(variant)
  if (!tally) return
  tally.answers++
  if (!ok) tally.errors++
  tally.latencies.add(latencyMs)
}

function variantReport(variant: string, { answers, errors, latencies }: VariantTally): VariantReport {
  const quantile = (probability: number): QuantileInterval => quantileSequence(latencies, probability)
  return { variant, answers, errors, latency: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) } }
}
