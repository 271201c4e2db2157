import { expect, test } from 'vitest'
import { metricOf, runWith } from '../testing.fixture.ts'
import { columnOf } from './run-columns.ts'
import { groupedRows, nestedRows, sortedRuns, summarise } from './run-rows.ts'

const parent = runWith({ id: 'p' })
const child = runWith({ id: 'c', tags: { 'mlflow.parentRunId': 'p' } })
const orphan = runWith({ id: 'o', tags: { 'mlflow.parentRunId': 'elsewhere' } })

test('children wait below their parent until it is opened', () => {
  const closed = nestedRows([child, parent, orphan], new Set())
  expect(closed.map(({ id }) => id)).toEqual(['p', 'o'])
  expect(closed[0]).toMatchObject({ childCount: 1, isOpen: false })
  const open = nestedRows([child, parent, orphan], new Set(['p']))
  expect(open.map((row) => [row.id, row.kind === 'run' && row.depth])).toEqual([
    ['p', 0],
    ['c', 1],
    ['o', 0],
  ])
})

test('a run that names itself its parent is shown', () => {
  expect(nestedRows([runWith({ id: 's', tags: { 'mlflow.parentRunId': 's' } })], new Set())).toHaveLength(1)
})

test('groups keep the order of runs, and those without a value make a group of their own', () => {
  const runs = [
    runWith({ id: '1', params: { lr: '0.1' } }),
    runWith({ id: '2' }),
    runWith({ id: '3', params: { lr: '0.1' } }),
  ]
  const rows = groupedRows(runs, columnOf('param:lr'), new Set())
  expect(rows.map((row) => (row.kind === 'group' ? [row.value, row.runs.length] : row.id))).toEqual([
    ['0.1', 2],
    '1',
    '3',
    [undefined, 1],
    '2',
  ])
  expect(groupedRows(runs, columnOf('param:lr'), new Set([rows[0]!.id])).map(({ id }) => id)).not.toContain('1')
})

test('a group says mean and range of what is finite', () => {
  const runs = [1, 3, Number.NaN].map((value, i) => runWith({ id: String(i), metrics: { a: metricOf(value) } }))
  expect(summarise(runs, columnOf('metric:a'))).toEqual({ mean: 2, low: 1, high: 3 })
  expect(summarise(runs, columnOf('metric:b'))).toBeUndefined()
})

test('columns that the server cannot sort by are sorted here, with the empty last', () => {
  const runs = [
    runWith({ id: 'open', endedMs: undefined }),
    runWith({ id: 'long', endedMs: 9000 }),
    runWith({ id: 'short' }),
  ]
  const ids = (descending: boolean) => sortedRuns(runs, columnOf('attribute:duration'), descending).map(({ id }) => id)
  expect(ids(false)).toEqual(['short', 'long', 'open'])
  expect(ids(true)).toEqual(['long', 'short', 'open'])
})
