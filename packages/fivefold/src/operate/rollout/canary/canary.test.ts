import { describe, expect, it } from 'vitest'
import { createRng, FivefoldError, type Rng } from '../../../core/index.ts'
import { type CanaryPolicy, parseTrafficPolicy } from '../policy/traffic-policy.ts'
import { type Canary, type CanaryDecision, createCanary } from './canary.ts'
import type { CanaryGroup } from './canary-event.ts'
import { planCanary } from './plan-canary.ts'
import { createUnitLedger } from './unit-ledger.ts'

const policyOf = (traffic: Record<string, unknown> = {}): CanaryPolicy =>
  parseTrafficPolicy({
    traffic: {
      ...{ kind: 'canary', stable: 'one', canary: 'two', maxFalseRollbackRate: 0.05 },
      stages: [
        { share: 0.01, requests: 500 },
        { share: 0.05, requests: 1000 },
        { share: 0.25, requests: 2500 },
      ],
      outcomes: [{ kind: 'event', name: 'wrong', goal: 'decrease' }],
      ...traffic,
    },
  }).traffic as CanaryPolicy

interface World {
  readonly errorRate: number
  readonly wrongRate: number
  /** Factor on latencies. */
  readonly slowness: number
  /** Requests of each user; 0 for requests that have no key. */
  readonly requestsAUser?: number
}

const HEALTHY: World = { errorRate: 0.002, wrongRate: 0.1, slowness: 1 }

interface Outcome {
  readonly decision: Exclude<CanaryDecision, { action: 'continue' | 'advance' }>
  readonly canaryAnswers: number
}

/** A roll-out in which errors and latencies go up and down with the time of day, alike for both groups. */
function simulate(canary: Canary, worlds: Readonly<Record<CanaryGroup, World>>, rng: Rng): Outcome {
  const draw = requestsOf(worlds.canary.requestsAUser ?? 0, rng)
  for (let request = 0; ; request++) {
    const { group, key, mood } = draw()
    const hour = 1 + 0.5 * Math.sin(request / 400)
    const { errorRate, wrongRate, slowness } = worlds[group]
    const base = { group, timeMs: request, ...(key === undefined ? {} : { key }) }
    const decisions = [
      canary.record({
        ...{ ...base, kind: 'answer', ok: rng.next() >= errorRate * hour * mood },
        latencyMs: 5 * slowness * hour * Math.exp(0.4 * rng.normal()),
      }),
      canary.record({ ...base, kind: 'outcome', name: 'wrong', value: rng.next() < wrongRate * hour * mood ? 1 : 0 }),
    ]
    const last = decisions.find(({ action }) => action === 'promote' || action === 'rollBack')
    if (last) return { decision: last as Outcome['decision'], canaryAnswers: canary.report().answers.canary }
  }
}

type DrawRequest = () => { group: CanaryGroup; key?: string; mood: number }

/** Users differ much in how they fare: a few have most of the trouble. */
function requestsOf(requestsAUser: number, rng: Rng): DrawRequest {
  const chance = rng.fork('requests')
  const group = (): CanaryGroup => (chance.next() < 0.5 ? 'canary' : 'control')
  if (requestsAUser === 0) return () => ({ group: group(), mood: 1 })
  const users = Array.from({ length: Math.ceil(8000 / requestsAUser) }, (_, user) => ({
    ...{ group: group(), key: `user-${user}`, mood: chance.next() < 0.1 ? 6 : 0.4 },
  }))
  return () => users[chance.int(users.length)]!
}

function rollOuts(count: number, canaryWorld: World, controlWorld = HEALTHY): readonly Outcome[] {
  return Array.from({ length: count }, (_, seed) =>
    simulate(createCanary(policyOf()), { canary: canaryWorld, control: controlWorld }, createRng(seed, 'canary')),
  )
}

const shareOf = (outcomes: readonly Outcome[], action: string): number =>
  outcomes.filter(({ decision }) => decision.action === action).length / outcomes.length

/** Hundreds of roll-outs of thousands of requests; on a busy machine that takes its time. */
const SIMULATION = { timeout: 180_000 }

describe('false roll-backs', SIMULATION, () => {
  it('of 200 harmless canaries happen at most at the stated rate, all others being promoted', () => {
    const outcomes = rollOuts(200, HEALTHY)
    expect(shareOf(outcomes, 'rollBack')).toBeLessThanOrEqual(0.05)
    expect(shareOf(outcomes, 'promote')).toBe(1 - shareOf(outcomes, 'rollBack'))
  })
  it('stay rare where users stick to their group and few of them have most of the trouble', () => {
    const users = { ...HEALTHY, requestsAUser: 20 }
    const outcomes = rollOuts(100, users, users)
    expect(shareOf(outcomes, 'rollBack')).toBeLessThanOrEqual(0.05)
  })
  it('do not come from what is tolerated', () => {
    expect(shareOf(rollOuts(50, { ...HEALTHY, slowness: 1.15 }), 'rollBack')).toBeLessThanOrEqual(0.1)
  })
})

describe('harm is caught within the stated number of requests, nine times of ten', SIMULATION, () => {
  const plan = planCanary(policyOf(), {
    errors: { controlRate: 0.002, canaryRate: 0.03 },
    // Log-normal latencies with σ = 0.4, 1.5 times as long, against a bar at 1.2 times the 95th percentile.
    slowRate: 0.139,
    outcomes: { wrong: { controlRate: 0.1, canaryRate: 0.2 } },
  })
  const cases: [string, string, World][] = [
    ['errors', 'errors', { ...HEALTHY, errorRate: 0.03 }],
    ['slow answers', 'latency', { ...HEALTHY, slowness: 1.5 }],
    ['wrong answers', 'outcome.wrong', { ...HEALTHY, wrongRate: 0.2 }],
  ]
  for (const [what, criterion, world] of cases)
    it(what, () => {
      const within = plan.criteria.find((planned) => planned.criterion === criterion)!
      const outcomes = rollOuts(100, world)
      const caught = outcomes.filter(({ canaryAnswers }) => canaryAnswers <= within.requests)
      expect(within.isWithinStages).toBe(true)
      expect(shareOf(outcomes, 'rollBack')).toBeGreaterThan(0.95)
      expect(caught.length / outcomes.length).toBeGreaterThanOrEqual(0.85)
    })
  it('and a canary that answers nothing within a dozen requests', () => {
    const [outcome] = rollOuts(1, { ...HEALTHY, errorRate: 1 })
    expect(outcome!.decision).toMatchObject({ action: 'rollBack', criterion: 'errors' })
    expect(outcome!.canaryAnswers).toBeLessThanOrEqual(15)
  })
  it('a harm that is tolerated cannot be planned for', () => {
    expect(() => planCanary(policyOf(), { slowRate: 0.04 })).toThrow(FivefoldError)
  })
})

describe('means', () => {
  const means = policyOf({ outcomes: [{ kind: 'mean', name: 'revenue', goal: 'increase', tolerance: 0.1 }] })
  const run = (loss: number): CanaryDecision['action'] => {
    const canary = createCanary(means)
    const rng = createRng(1)
    for (let i = 0; i < 20_000; i++) {
      const group = rng.next() < 0.5 ? 'canary' : 'control'
      const base = { group, timeMs: i } as const
      const answer = canary.record({ ...base, kind: 'answer', ok: true, latencyMs: 1 })
      const value = 10 + rng.normal() - (group === 'canary' ? loss : 0)
      const outcome = canary.record({ ...base, kind: 'outcome', name: 'revenue', value })
      const last = [answer, outcome].find(({ action }) => action === 'promote' || action === 'rollBack')
      if (last) return last.action
    }
    return 'continue'
  }
  it('roll back a loss beyond what is tolerated, and nothing else', () => {
    expect(run(0.4)).toBe('rollBack')
    expect(run(0.05)).toBe('promote')
    expect(run(-1)).toBe('promote')
  })
})

describe('the state', () => {
  it('resumes to the same decision at the same event', () => {
    const world = { ...HEALTHY, slowness: 1.4, requestsAUser: 5 }
    const worlds = { canary: world, control: { ...HEALTHY, requestsAUser: 5 } }
    const whole = simulate(createCanary(policyOf()), worlds, createRng(5))
    let canary = createCanary(policyOf())
    let events = 0
    const interrupted: Canary = {
      record: (event) => {
        if (events++ % 50 === 0) canary = createCanary(policyOf(), JSON.parse(JSON.stringify(canary.toState())))
        return canary.record(event)
      },
      report: () => canary.report(),
      toState: () => canary.toState(),
    }
    expect(simulate(interrupted, worlds, createRng(5))).toEqual(whole)
  })
  it('is refused where it is damaged or of another policy', () => {
    const state = createCanary(policyOf()).toState()
    expect(() => createCanary(policyOf(), { ...state, stage: 7 })).toThrow(FivefoldError)
    expect(() => createCanary(policyOf(), { ...state, answers: { canary: -1, control: 0 } })).toThrow(FivefoldError)
    expect(() => createCanary(policyOf(), { ...state, criteria: { errors: {} } })).toThrow(FivefoldError)
  })
  it('waits for the outcomes and the time that the policy asks for', () => {
    const policy = policyOf({
      stages: [{ share: 0.1, requests: 2, atLeastMs: 100 }],
      outcomes: [{ kind: 'event', name: 'wrong', goal: 'decrease', required: 1 }],
    })
    const canary = createCanary(policy)
    const answer = (timeMs: number) =>
      canary.record({ kind: 'answer', group: 'canary', ok: true, latencyMs: 1, timeMs }).action
    const outcome = (timeMs: number) =>
      canary.record({ kind: 'outcome', group: 'canary', name: 'wrong', value: 0, timeMs }).action
    expect([answer(0), answer(50), answer(99), answer(120)]).toEqual(['continue', 'continue', 'continue', 'continue'])
    expect(outcome(130)).toBe('promote')
    expect(answer(140)).toBe('continue')
  })
})

describe('the ledger of units', () => {
  it('counts each unit once, and nobody once it is full', () => {
    const ledger = createUnitLedger({ capacity: 1000 })
    let counted = 0
    for (let unit = 0; unit < 990; unit++) if (ledger.add(`u${unit}`)) counted++
    expect(counted).toBeGreaterThan(970)
    for (let unit = 0; unit < 990; unit++) expect(ledger.add(`u${unit}`)).toBe(false)
    const resumed = createUnitLedger(JSON.parse(JSON.stringify(ledger.toState())))
    expect(resumed.add('u1')).toBe(false)
    for (let unit = 0; unit < 100; unit++) resumed.add(`later-${unit}`)
    expect(resumed.add('nobody')).toBe(false)
  })
})
