import { expect, test } from 'vitest'
import { metricOf, runWith } from '../testing.fixture.ts'
import { chartAxis } from './chart-axes.ts'

const runs = [
  runWith({ id: 'a', metrics: { auc: metricOf(0.5) }, params: { depth: '4', kind: 'linear' } }),
  runWith({ id: 'b', metrics: { auc: metricOf(1) }, params: { depth: '8', kind: 'boosting' } }),
  runWith({ id: 'c' }),
]
const axisOf = (id: string) => chartAxis(id, runs, [100, 0], String)

test('parameters that are numbers get a scale', () => {
  const axis = axisOf('param:depth')
  expect(axis.at(runs[0]!)!).toBeGreaterThan(axis.at(runs[1]!)!)
  expect(axis.ticks.map(({ label }) => label)).toContain('6')
  expect(axis.ticks.every(({ label }) => Number.isInteger(Number(label)))).toBe(true)
  expect(axis.text(runs[1]!)).toBe('8')
})

test('other texts get a place each, in their order', () => {
  const axis = axisOf('param:kind')
  expect(axis.ticks.map(({ label, at }) => [label, at])).toEqual([
    ['boosting', 75],
    ['linear', 25],
  ])
  expect(axis.share(runs[0]!)).toBe(0.75)
})

test('a run without the value has no place', () => {
  expect(axisOf('metric:auc').at(runs[2]!)).toBeUndefined()
  expect(axisOf('metric:auc').text(runs[2]!)).toBe('none')
})
