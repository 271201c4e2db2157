import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createRng, FivefoldError } from '../../../core/index.ts'
import { addValue, NO_MOMENTS } from '../../../metrics/index.ts'
import { type BanditPolicy, parseTrafficPolicy } from '../policy/traffic-policy.ts'
import type { Bandit } from './bandit.ts'
import { createBandit } from './create-bandit.ts'
import { drawBeta, drawStudent } from './draws.ts'

const arms = ['a', 'b', 'c']
const policyOf = (algorithm: unknown): BanditPolicy =>
  parseTrafficPolicy({ traffic: { kind: 'bandit', arms, reward: 'click', algorithm } }).traffic as BanditPolicy

/** Share of each of the last 1000 of 5000 plays that went to an arm. */
function shareAtEnd(bandit: Bandit, arm: string, rewardOf: (arm: string) => number): number {
  let last = 0
  for (let play = 0; play < 5000; play++) {
    const chosen = bandit.choose()
    bandit.reward(chosen, rewardOf(chosen))
    if (play >= 4000 && chosen === arm) last++
  }
  return last / 1000
}

describe.each([
  ['epsilonGreedy', { name: 'epsilonGreedy', epsilon: 0.1 }],
  ['thompsonBeta', { name: 'thompsonBeta' }],
  ['thompsonNormal', { name: 'thompsonNormal' }],
])('%s', (_, algorithm) => {
  const rates: Record<string, number> = { a: 0.1, b: 0.3, c: 0.2 }
  it('finds the best arm', () => {
    const rng = createRng(4)
    const bandit = createBandit(policyOf(algorithm), createRng(7), undefined)
    expect(shareAtEnd(bandit, 'b', (arm) => (rng.next() < rates[arm]! ? 1 : 0))).toBeGreaterThan(0.8)
    const best = bandit.report().find(({ arm }) => arm === 'b')!
    expect(Math.abs(best.meanReward - 0.3)).toBeLessThan(0.05)
  })
  it('goes on from its state, and forgets nothing', () => {
    const policy = policyOf(algorithm)
    const first = createBandit(policy, createRng(1))
    for (let play = 0; play < 50; play++) first.reward(arms[play % 3]!, play % 2)
    const second = createBandit(policy, createRng(1), JSON.parse(JSON.stringify(first.toState())))
    const fresh = createBandit(policy, createRng(1), first.toState())
    expect(Array.from({ length: 30 }, () => second.choose())).toEqual(Array.from({ length: 30 }, () => fresh.choose()))
    expect(second.report()).toEqual(first.report())
  })
  it('leaves out rewards that mean nothing', () => {
    const bandit = createBandit(policyOf(algorithm), createRng(1))
    bandit.reward('nobody', 1)
    bandit.reward('a', Number.NaN)
    expect(bandit.report().every(({ count }) => count === 0)).toBe(true)
  })
})

describe('draws have the moments of their distributions', () => {
  const momentsOf = (draw: () => number) => {
    let moments = NO_MOMENTS
    for (let i = 0; i < 40_000; i++) moments = addValue(moments, draw())
    return { mean: moments.mean, variance: moments.squares / moments.count }
  }
  it('beta', () => {
    for (const [a, b] of [
      [0.5, 0.5],
      [2, 5],
      [300, 700],
    ] as const) {
      const { mean, variance } = momentsOf(drawBetaOf(a, b))
      const expected = (a * b) / ((a + b) ** 2 * (a + b + 1))
      expect(Math.abs(mean - a / (a + b))).toBeLessThan(4 * Math.sqrt(expected / 40_000))
      expect(Math.abs(variance / expected - 1)).toBeLessThan(0.05)
    }
  })
  it('Student', () => {
    const rng = createRng(5)
    const { mean, variance } = momentsOf(() => drawStudent(10, rng))
    expect(Math.abs(mean)).toBeLessThan(0.025)
    expect(Math.abs(variance - 10 / 8)).toBeLessThan(0.06)
  })
})

function drawBetaOf(a: number, b: number): () => number {
  const rng = createRng(6)
  return () => drawBeta(a, b, rng)
}

describe('LinUCB', () => {
  const linUcb = { name: 'linUcb', dimensions: 4, exploration: 0.7, contextHeader: 'x-context' }
  it('plays as algorithm 1 of Li et al. (2010), solved by numpy at each step', () => {
    const golden = JSON.parse(readFileSync(new URL('fixtures/lin-ucb.json', import.meta.url), 'utf8')) as {
      steps: { context: number[]; arm: number; reward: number }[]
    }
    let bandit = createBandit(policyOf(linUcb), createRng(0))
    for (const { context, arm, reward } of golden.steps) {
      expect(bandit.choose(context)).toBe(arms[arm])
      bandit.reward(arms[arm]!, reward, context)
      bandit = createBandit(policyOf(linUcb), createRng(0), JSON.parse(JSON.stringify(bandit.toState())))
    }
  })
  it('refuses a state of other dimensions', () => {
    const state = createBandit(policyOf(linUcb), createRng(0)).toState()
    expect(() => createBandit(policyOf({ ...linUcb, dimensions: 3 }), createRng(0), state)).toThrow(FivefoldError)
  })
})
