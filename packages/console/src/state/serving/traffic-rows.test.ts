import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CANARY, canaryWith, recordWith, reportWith } from './serving.fixture.ts'
import { describeTraffic, trafficNotes, trafficRows } from './traffic-rows.ts'

const rowsOf = (...[traffic, canary]: [Parameters<typeof recordWith>[0], ReturnType<typeof canaryWith>?]) =>
  trafficRows(recordWith(traffic), reportWith(recordWith(traffic)).variants, canary).map(({ variant, share, why }) => [
    variant,
    share,
    why,
  ])

test('a canary has the share of its stage, and its stable version the rest', () => {
  expect(rowsOf(CANARY, canaryWith({ stage: 1, share: 0.25 }))).toEqual([
    ['stable', 0.75, '25% as its control, the rest beside it'],
    ['next', 0.25, 'canary, stage 2'],
  ])
})

test('weights are shares of their sum, and what has none is kept without traffic', () => {
  expect(rowsOf({ kind: 'split', weights: { next: 1, stable: 3 } })).toEqual([
    ['stable', 0.75, 'by weight'],
    ['next', 0.25, 'by weight'],
  ])
  expect(rowsOf({ kind: 'single', variant: 'next' })).toEqual([
    ['next', 1, 'answers everything'],
    ['stable', 0, 'kept, without traffic'],
  ])
  expect(rowsOf({ kind: 'experiment', control: 'stable', weights: { stable: 1, next: 0 } })[1]).toEqual([
    ...['next', 0, 'kept, without traffic'],
  ])
})

test('shares of what a policy says add up to one, whatever its weights', () => {
  const weight = fc.double({ min: 0, max: 1e9, noNaN: true })
  fc.assert(
    fc.property(
      weight,
      weight.filter((one) => one > 0),
      (stable, next) => {
        const shares = rowsOf({ kind: 'split', weights: { stable, next } }).map(([, share]) => share as number)
        expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 12)
      },
    ),
  )
})

test('a bandit says no share; what it gave so far is counted', () => {
  const record = recordWith({
    ...{ kind: 'bandit', arms: ['stable', 'next'], reward: 'clicked' },
    algorithm: { name: 'thompsonBeta' },
  })
  const [first, second] = reportWith(record).variants
  const rows = trafficRows(record, [first!, { ...second!, answers: 9 }])
  expect(rows.map(({ variant, share, answered }) => [variant, share, answered])).toEqual([
    ['next', undefined, 1],
    ['stable', undefined, 0],
  ])
  expect(describeTraffic(record.policy.traffic)).toBe('bandit over stable, next by clicked')
})

test('exceptions are said: rules, copies, fallbacks', () => {
  const record = recordWith(CANARY)
  const policy = {
    ...record.policy,
    stickyBy: 'x-user',
    rules: [{ header: 'x-tester', equals: 'yes', variant: 'next' }],
    shadows: [{ variant: 'next', share: 0.1 }],
  }
  expect(trafficNotes({ ...record, policy, fallback: { cachedAnswers: 1000, answer: { y: 1 } } })).toEqual([
    'The header x-user decides: the same value gets the same variant.',
    'x-tester: yes goes to next, whatever the rest says.',
    'next gets copies of 10%; its answers are not returned.',
    'Where a variant fails, stable answers in its place.',
    'Then an answer kept to the same question, of the latest 1,000.',
    'Then a fixed answer.',
  ])
})
