import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng, FivefoldError } from '../../../core/index.ts'
import { sampleRatioTest } from '../../../metrics/index.ts'
import { createRouter } from './router.ts'
import { parseTrafficPolicy } from './traffic-policy.ts'
import { uniformOf } from './uniform-of.ts'

const stickyBy = 'x-user'
const keys = Array.from({ length: 4000 }, (_, i) => `user-${i}`)
const routeAll = (traffic: unknown, share?: number) => {
  const router = createRouter(parseTrafficPolicy({ traffic, stickyBy }), {
    salt: 'churn',
    ...(share === undefined ? {} : { canaryShare: share }),
  })
  return keys.map((key) => router({ headers: { [stickyBy]: key }, random: 0 }))
}

describe('sticky assignment', () => {
  const weight = fc.double({ min: 0.05, max: 1, noNaN: true })
  const split = fc.record({ a: weight, b: weight, c: weight })

  it('divides keys by weight', () => {
    const weights = { a: 5, b: 3, c: 2 }
    const counts = { a: 0, b: 0, c: 0 } as Record<string, number>
    for (const { variant } of routeAll({ kind: 'split', weights })) counts[variant]!++
    expect(sampleRatioTest(Object.values(counts), Object.values(weights)).pValue).toBeGreaterThan(1e-4)
  })

  it('moves a key only to a variant whose weight grew relative to the one it leaves', () => {
    fc.assert(
      fc.property(split, split, (before, after) => {
        const old = routeAll({ kind: 'split', weights: before })
        routeAll({ kind: 'split', weights: after }).forEach(({ variant }, i) => {
          const from = old[i]!.variant as 'a' | 'b' | 'c'
          const to = variant as 'a' | 'b' | 'c'
          if (from !== to) expect(after[to] / before[to]).toBeGreaterThan((after[from] / before[from]) * (1 - 1e-9))
        })
      }),
      { numRuns: 10 },
    )
  })

  it('keeps every key of a canary and of its control as the share grows, both being of one size', () => {
    const traffic = {
      ...{ kind: 'canary', stable: 'one', canary: 'two' },
      stages: [{ share: 0.01, requests: 100 }],
    }
    const small = routeAll(traffic)
    const large = routeAll(traffic, 0.25)
    const sizes = { canary: 0, control: 0 }
    small.forEach(({ group }, i) => {
      if (group !== 'rest') expect(large[i]!.group).toBe(group)
    })
    for (const { group } of large) if (group === 'canary' || group === 'control') sizes[group]++
    expect(sampleRatioTest([sizes.canary, sizes.control], [1, 1]).pValue).toBeGreaterThan(1e-4)
    expect(large.every(({ group, variant }) => (group === 'canary') === (variant === 'two'))).toBe(true)
  })

  it('is unrelated between deployments', () => {
    const both = keys.filter((key) => uniformOf('a', key) < 0.5 && uniformOf('b', key) < 0.5).length
    expect(Math.abs(both / keys.length - 0.25)).toBeLessThan(0.03)
  })
})

describe('routes', () => {
  it('follow chance without a key', () => {
    const router = createRouter(parseTrafficPolicy({ traffic: { kind: 'split', weights: { a: 1, b: 3 } } }), {
      salt: 's',
    })
    const rng = createRng(1)
    const counts = { a: 0, b: 0 } as Record<string, number>
    for (let i = 0; i < 4000; i++) counts[router({ random: rng.next() }).variant]!++
    expect(sampleRatioTest([counts.a!, counts.b!], [1, 3]).pValue).toBeGreaterThan(1e-4)
    expect(router({ random: 0 }).variant).toBe('a')
    expect(router({ random: 1 - 2 ** -53 }).variant).toBe('b')
  })
  it('follow headers before everything else, and are then no part of a comparison', () => {
    const router = createRouter(
      parseTrafficPolicy({
        traffic: { kind: 'single', variant: 'a' },
        rules: [{ header: 'x-variant', equals: 'b', variant: 'b' }],
      }),
      { salt: 's' },
    )
    expect(router({ headers: { 'x-variant': 'b' }, random: 0.5 })).toMatchObject({ variant: 'b', group: 'rule' })
    expect(router({ headers: { 'x-variant': 'c' }, random: 0.5 })).toMatchObject({ variant: 'a', group: 'rest' })
  })
  it('never mirror a request to the variant that answers it', () => {
    const router = createRouter(
      parseTrafficPolicy({
        traffic: { kind: 'split', weights: { a: 1, b: 1 } },
        shadows: [{ variant: 'b' }, { variant: 'c', share: 0.5 }],
      }),
      { salt: 's' },
    )
    const rng = createRng(2)
    let mirrored = 0
    for (let i = 0; i < 2000; i++) {
      const { variant, shadows } = router({ random: rng.next() })
      expect(shadows.includes('b')).toBe(variant === 'a')
      if (shadows.includes('c')) mirrored++
    }
    expect(Math.abs(mirrored / 2000 - 0.5)).toBeLessThan(0.05)
  })
  it('read the context of a contextual bandit, careless ones too', () => {
    const seen: (readonly number[] | undefined)[] = []
    const traffic = {
      ...{ kind: 'bandit', arms: ['a', 'b'], reward: 'click' },
      algorithm: { name: 'linUcb', dimensions: 3, contextHeader: 'x-context' },
    }
    const router = createRouter(parseTrafficPolicy({ traffic }), {
      salt: 's',
      chooseArm: (context) => {
        seen.push(context)
        return 'b'
      },
    })
    expect(router({ headers: { 'x-context': '1, -2.5,3,4' }, random: 0 }).context).toEqual([1, -2.5, 3])
    router({ headers: { 'x-context': 'x,,1e999' }, random: 0 })
    router({ random: 0 })
    expect(seen).toEqual([
      [1, -2.5, 3],
      [0, 0, 0],
      [0, 0, 0],
    ])
  })
})

describe('policies', () => {
  const refused: [string, unknown][] = [
    ['unknown keys', { traffic: { kind: 'single', variant: 'a', weight: 1 } }],
    ['weights of nothing', { traffic: { kind: 'split', weights: { a: 0 } } }],
    ['weights below 0', { traffic: { kind: 'split', weights: { a: 1, b: -1 } } }],
    ['names that are paths', { traffic: { kind: 'single', variant: '../a' } }],
    [
      'stages that shrink',
      {
        traffic: {
          ...{ kind: 'canary', stable: 'a', canary: 'b' },
          stages: [
            { share: 0.2, requests: 1 },
            { share: 0.1, requests: 1 },
          ],
        },
      },
    ],
    [
      'a canary without room for its control',
      { traffic: { kind: 'canary', stable: 'a', canary: 'b', stages: [{ share: 0.6, requests: 1 }] } },
    ],
  ]
  for (const [what, policy] of refused)
    it(`refuse ${what}`, () => {
      expect(() => parseTrafficPolicy(policy)).toThrow(FivefoldError)
    })
})
