import { describe, expect, it } from 'vitest'
import { createContext } from '../core/index.ts'
import { type InferProblemOptions, inferProblem, problemStatement, profileTable } from './index.ts'
import { withTable } from './testing-tables.ts'

const rows = Array.from({ length: 100 }, (_, i) => i)
const columns = {
  x: rows.map((i) => i * 0.5),
  binary: rows.map((i) => (i % 3 === 0 ? 'yes' : 'no')),
  rare: rows.map((i) => (i % 12 === 0 ? 1 : 0)),
  three: rows.map((i) => 'abc'[i % 3]!),
  stars: rows.map((i) => 1 + (i % 5)),
  amount: rows.map((i) => ((i * 37) % 91) * 1.25),
  one: rows.map(() => 'same'),
  few: rows.map((i) => (i < 10 ? 'a' : null)),
  lonely: rows.map((i) => (i === 0 ? 'a' : 'b')),
  ids: rows.map((i) => `text number ${i} of many`),
}
const infer = (target: string, options: Partial<InferProblemOptions> = {}) =>
  withTable(columns, (table) => inferProblem(table, { target, ...options }))

describe('inferProblem', () => {
  it.each([
    ['binary', 'classification', 'rocAuc', ['no', 'yes'], 'ranked'],
    ['rare', 'classification', 'rocAuc', ['0', '1'], 'prAuc'],
    ['three', 'classification', 'logLoss', ['a', 'b', 'c'], 'probabilities'],
    ['stars', 'classification', 'logLoss', ['1', '2', '3', '4', '5'], 'codes of classes'],
    ['amount', 'regression', 'rmse', [], 'unit of the target'],
  ])('%s is %s by %s', async (target, task, metric, classes, reason) => {
    const problem = await infer(target)
    expect(problem).toMatchObject({ task, metric, classes, target })
    expect(problem.metricReason).toContain(reason)
  })

  it('names a target that no prediction can reach, and where', async () => {
    const broken = { y: rows.map((i) => (i % 40 === 7 ? 1e308 : i * 1.5)) }
    await expect(withTable(broken, (table) => inferProblem(table, { target: 'y' }))).rejects.toMatchObject({
      code: 'PROBLEM_TARGET_UNUSABLE',
      message: expect.stringMatching(/target 'y' is beyond ±1e\+37 in 3 rows, first in row 7: 1e\+308/),
    })
  })

  it('does as told', async () => {
    const criteria = [{ metric: 'mae' as const, atMost: 2 }]
    const problem = await infer('stars', {
      task: 'regression',
      metric: 'mae',
      protect: ['three'],
      criteria,
      constraints: { latencyMs: 5 },
    })
    expect(problem).toMatchObject({
      task: 'regression',
      metric: 'mae',
      criteria,
      constraints: { latencyMs: 5 },
      protectedColumns: ['three'],
      classes: [],
    })
  })

  it.each([
    ['one', {}, 'PROBLEM_TARGET_UNUSABLE'],
    ['few', {}, 'PROBLEM_TARGET_UNUSABLE'],
    ['lonely', {}, 'PROBLEM_TARGET_UNUSABLE'],
    ['three', { task: 'regression' as const }, 'PROBLEM_TARGET_UNUSABLE'],
    ['nowhere', {}, 'DATA_COLUMN_UNKNOWN'],
    ['binary', { protect: ['nowhere'] }, 'DATA_COLUMN_UNKNOWN'],
    ['binary', { metric: 'rmse' }, 'METRIC_UNKNOWN'],
    ['binary', { metric: 'toString' }, 'METRIC_UNKNOWN'],
    ['binary', { criteria: [{ metric: 'r2' as const, atLeast: 1 }] }, 'CRITERIA_UNKNOWN_METRIC'],
  ])('refuses %s with %j', async (target, options, code) => {
    await expect(infer(target, options)).rejects.toMatchObject({ code })
  })

  it('is stated in words', async () => {
    const text = await withTable(columns, async (table) => {
      const problem = await inferProblem(table, {
        target: 'binary',
        protect: ['three'],
        criteria: [{ metric: 'rocAuc', atLeast: 0.9 }],
        constraints: { latencyMs: 5, sizeBytes: 1e6 },
      })
      const profile = await profileTable(table, { target: 'binary', protect: ['three'] }, createContext())
      return problemStatement(problem, profile)
    })
    for (const part of [
      '# Problem: predict binary',
      'yes is the positive class',
      'rocAuc at least 0.9',
      'within 5 ms',
      'at most 1 MB',
      'three: 3 groups',
      'accuracy 0.660',
    ])
      expect(text).toContain(part)
  })
})
