import { expect, test } from 'vitest'
import { runWith } from '../testing.fixture.ts'
import { refreshed, withoutTwins } from './merge-runs.ts'

const runs = ['a', 'b', 'c'].map((id) => runWith({ id }))

test('a list that did not change stays the same object', () => {
  expect(refreshed(runs, [runWith({ id: 'a' }), runWith({ id: 'b' })])).toBe(runs)
})

test('new runs come first, changed ones take the place of the old, and the others stay', () => {
  const merged = refreshed(runs, [runWith({ id: 'new' }), runWith({ id: 'a', status: 'failed' })])
  expect(merged.map(({ id, status }) => [id, status])).toEqual([
    ['new', 'finished'],
    ['a', 'failed'],
    ['b', 'finished'],
    ['c', 'finished'],
  ])
  expect(merged[2]).toBe(runs[1])
})

test('a run that two pages hold is there once', () => {
  expect(withoutTwins(runs, [runs[2]!, runWith({ id: 'd' })]).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
})
