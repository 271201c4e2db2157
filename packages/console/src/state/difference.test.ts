import { expect, test } from 'vitest'
import { compareKeys } from './difference.ts'

test('a key differs where one side has another value or none', () => {
  const rows = compareKeys([
    { lr: '0.1', depth: '6', seed: '1' },
    { lr: '0.1', depth: '8' },
  ])
  expect(rows).toEqual([
    { key: 'depth', values: ['6', '8'], isDifferent: true },
    { key: 'lr', values: ['0.1', '0.1'], isDifferent: false },
    { key: 'seed', values: ['1', undefined], isDifferent: true },
  ])
})

test('nothing to compare gives no rows', () => {
  expect(compareKeys([])).toEqual([])
})
