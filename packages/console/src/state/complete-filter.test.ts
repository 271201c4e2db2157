import { expect, test } from 'vitest'
import { runWith } from '../testing.fixture.ts'
import { completeFilter } from './complete-filter.ts'
import { columnOf } from './run-columns.ts'

const columns = ['metric:test.rocAuc', 'metric:valid/loss', 'param:learningRate', 'tag:team'].map(columnOf)
const runs = ['risk', 'growth', "o'hara"].map((team) => runWith({ tags: { team }, params: { depth: '4' } }))
const complete = (text: string) => completeFilter(text, text.length, columns, runs)

test('a begun name is completed, names that start with it first', () => {
  expect(complete('metrics.').map(({ label }) => label)).toEqual(['metrics.test.rocAuc', 'metrics.`valid/loss`'])
  expect(complete('roc')).toEqual([{ label: 'metrics.test.rocAuc', from: 0, insert: 'metrics.test.rocAuc ' }])
  expect(complete('tags.team = "x" AND learn')[0]).toMatchObject({ from: 20, insert: 'params.learningRate ' })
})

test('an open quote is completed with the values that runs have', () => {
  expect(complete("tags.team = '").map(({ label }) => label)).toEqual(['growth', "o'hara", 'risk'])
  expect(complete("tags.team = 'ri")).toEqual([{ label: 'risk', from: 13, insert: "risk'" }])
  expect(complete("tags.team IN ('risk', 'o")[0]?.insert).toBe("growth'")
  expect(complete("tags.team = 'o'")).toEqual([])
  expect(complete("attributes.status = 'fin")[0]?.label).toBe('FINISHED')
})

test('numbers and empty places are left alone', () => {
  expect(complete('metrics.test.rocAuc > 0.9')).toEqual([])
  expect(complete('')).toEqual([])
})
