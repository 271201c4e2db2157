import { expect, test } from 'vitest'
import { findFault } from './filter-fault.ts'

const marked = (filter: string, message: string): string | undefined => {
  const fault = findFault(filter, message)
  return fault && filter.padEnd(fault.to, '·').slice(fault.from, fault.to)
}

test('the piece that the server quotes is marked', () => {
  expect(
    marked('metrics.a > 1 AND foo = 2', "invalid filter: expected a name such as metrics.loss, found 'foo = 2'"),
  ).toBe('foo = 2')
  expect(marked("params.a > 'x'", 'Invalid attribute key "params.a"')).toBe('params.a')
})

test('a place in characters and the end are marked', () => {
  expect(marked('metrics.a # 1', 'the filter is not understood at character 10: # 1')).toBe('#')
  expect(marked('metrics.a >', 'invalid filter: expected a value, found the end')).toBe('·')
})

test('a message that names no place marks nothing', () => {
  expect(findFault('metrics.a > 1', 'the store is busy')).toBeUndefined()
})
