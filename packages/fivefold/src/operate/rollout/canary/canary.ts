import { z } from 'zod'
import { FivefoldError } from '../../../core/index.ts'
import { type CanaryPolicy, parsedAs } from '../policy/traffic-policy.ts'
import type { CanaryEvent } from './canary-event.ts'
import type { Criterion, CriterionReport } from './criterion.ts'
import { createEventCriterion } from './event-criterion.ts'
import { createLatencyCriterion } from './latency-criterion.ts'
import { createMeanCriterion } from './mean-criterion.ts'

export type CanaryDecision =
  | { readonly action: 'continue' }
  | { readonly action: 'advance'; readonly stage: number; readonly share: number; readonly reason: string }
  | { readonly action: 'promote'; readonly reason: string }
  | { readonly action: 'rollBack'; readonly criterion: string; readonly reason: string }

export interface CanaryReport {
  readonly status: CanaryStatus
  /** Number of the stage, from 0, and the canary's share of the requests in it. */
  readonly stage: number
  readonly share: number
  /** Answers of the canary in this stage, and in all. */
  readonly stageAnswers: number
  readonly answers: { readonly canary: number; readonly control: number }
  readonly criteria: readonly CriterionReport[]
}

export type CanaryStatus = 'running' | 'promoted' | 'rolledBack'

/** Decides over a roll-out: events in, decisions out. Its state is plain data, from which another process goes on. */
export interface Canary {
  /** Events after the end decide nothing. */
  record(event: CanaryEvent): CanaryDecision
  report(): CanaryReport
  toState(): CanaryState
}

const count = z.number().int().nonnegative()
const stateSchema = z.strictObject({
  format: z.literal(1),
  status: z.enum(['running', 'promoted', 'rolledBack']),
  stage: count,
  stageAnswers: count,
  /** Null before the first event. */
  stageSinceMs: z.number().nullable(),
  answers: z.strictObject({ canary: count, control: count }),
  criteria: z.record(z.string(), z.unknown()),
  required: z.record(z.string(), count),
})

export type CanaryState = z.infer<typeof stateSchema>

/**
 * Takes a canary through its stages, each against a control of the same size. It is rolled back once the evidence that it is
 * worse than tolerated reaches the level of some criterion, looked at after each event. Each criterion has an equal part of
 * `maxFalseRollbackRate`, so a canary that is no worse than tolerated is rolled back with at most that probability over the whole
 * roll-out, however many stages and requests it has. Evidence is kept from stage to stage.
 *
 * @throws CONFIG_INVALID where `from` is not a state of this policy
 */
export function createCanary(policy: CanaryPolicy, from?: unknown): Canary {
  const state = from === undefined ? startOf(policy) : parsedAs(stateSchema, from, 'the state of the canary')
  if (state.stage >= policy.stages.length)
    throw new FivefoldError(
      'CONFIG_INVALID',
      `the state is of stage ${state.stage}, the policy has ${policy.stages.length}`,
    )
  const criteria = criteriaOf(policy, state.criteria)

  const record = (event: CanaryEvent): CanaryDecision => {
    if (state.status !== 'running') return { action: 'continue' }
    const worse = criteria.filter((criterion) => criterion.observe(event)).find((criterion) => criterion.isWorse())
    countEvent(state, event)
    if (worse) {
      state.status = 'rolledBack'
      return { action: 'rollBack', criterion: worse.name, reason: `${worse.name}: ${worse.report().summary}` }
    }
    return isStageDone(policy, state, event.timeMs) ? nextStage(policy, state, event.timeMs) : { action: 'continue' }
  }
  return {
    record,
    report: () => ({
      ...{ status: state.status, stage: state.stage, share: policy.stages[state.stage]!.share },
      ...{ stageAnswers: state.stageAnswers, answers: { ...state.answers } },
      criteria: criteria.map((criterion) => criterion.report()),
    }),
    toState: () => ({
      ...structuredClone(state),
      criteria: Object.fromEntries(criteria.map((criterion) => [criterion.name, structuredClone(criterion.toState())])),
    }),
  }
}

function startOf(policy: CanaryPolicy): CanaryState {
  return {
    ...{ format: 1, status: 'running', stage: 0, stageAnswers: 0, stageSinceMs: null },
    ...{ answers: { canary: 0, control: 0 }, criteria: {} },
    required: Object.fromEntries(policy.outcomes.map(({ name, required }) => [name, required])),
  }
}

/** Level of each criterion. */
export function alphaOfCriterion({ maxFalseRollbackRate, outcomes }: CanaryPolicy): number {
  return maxFalseRollbackRate / (2 + outcomes.length)
}

function criteriaOf(policy: CanaryPolicy, states: Readonly<Record<string, unknown>>): readonly Criterion[] {
  const alpha = alphaOfCriterion(policy)
  const plannedCount = policy.stages.reduce((sum, { requests }) => sum + requests, 0)
  const latency = createLatencyCriterion({ ...policy.latency, alpha }, states[latencyName(policy)])
  const errors = createEventCriterion(
    {
      ...{ name: 'errors', alpha, tolerance: policy.errors.tolerance },
      isBad: (event) => (event.kind === 'answer' ? !event.ok : undefined),
    },
    states.errors,
  )
  const outcomes = policy.outcomes.map((outcome) => {
    const state = states[`outcome.${outcome.name}`]
    return outcome.kind === 'mean'
      ? createMeanCriterion({ ...outcome, outcome: outcome.name, alpha, plannedCount }, state)
      : createEventCriterion(
          { ...outcome, name: `outcome.${outcome.name}`, alpha, isBad: isBadOutcome(outcome) },
          state,
        )
  })
  return [errors, latency, ...outcomes]
}

const latencyName = ({ latency }: CanaryPolicy): string => `latency.p${Number((latency.quantile * 100).toFixed(1))}`

function isBadOutcome({ name, goal }: { name: string; goal: string }): (event: CanaryEvent) => boolean | undefined {
  return (event) => {
    if (event.kind !== 'outcome' || event.name !== name) return undefined
    return (goal === 'decrease') === (event.value !== 0)
  }
}

function countEvent(state: CanaryState, event: CanaryEvent): void {
  state.stageSinceMs ??= event.timeMs
  if (event.kind === 'answer') {
    state.answers[event.group]++
    if (event.group === 'canary') state.stageAnswers++
  } else if (event.group === 'canary' && Object.hasOwn(state.required, event.name)) {
    state.required[event.name] = Math.max(0, state.required[event.name]! - 1)
  }
}

function isStageDone({ stages }: CanaryPolicy, state: CanaryState, timeMs: number): boolean {
  const { requests, atLeastMs } = stages[state.stage]!
  if (state.stageAnswers < requests || timeMs - (state.stageSinceMs ?? timeMs) < atLeastMs) return false
  const isLast = state.stage === stages.length - 1
  return !isLast || Object.values(state.required).every((missing) => missing === 0)
}

function nextStage({ stages }: CanaryPolicy, state: CanaryState, timeMs: number): CanaryDecision {
  const { canary, control } = state.answers
  const reason = `no worse than tolerated over ${canary} answers of the canary and ${control} of its control`
  const next = stages[state.stage + 1]
  if (next === undefined) {
    state.status = 'promoted'
    return { action: 'promote', reason }
  }
  state.stage++
  state.stageAnswers = 0
  state.stageSinceMs = timeMs
  return { action: 'advance', stage: state.stage, share: next.share, reason }
}
