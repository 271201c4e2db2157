import { describe, expect, it } from 'vitest'
import { type ColumnSchema, frameOf, type Schema } from '../../data/index.ts'
import { featurePlanSchema, frameStatistics, type PlanOptions, planFeatures } from './index.ts'

const column = (name: string, type: ColumnSchema['type'], tensor: ColumnSchema['tensor']): ColumnSchema => ({
  name,
  type,
  tensor,
  nullable: false,
  evidence: 'declared',
})

const schema: Schema = {
  columns: [
    column('id', 'identifier', 'string'),
    column('age', 'integer', 'int64'),
    column('sex', 'category', 'string'),
    column('city', 'category', 'string'),
    column('seen', 'datetime', 'double'),
    column('note', 'text', 'string'),
    column('always', 'constant', 'string'),
    column('single', 'category', 'string'),
    column('bought', 'category', 'string'),
  ],
}
const DISTINCT: Record<string, number> = { sex: 2, city: 500, single: 1 }
const options: PlanOptions = {
  target: 'bought',
  family: 'tree',
  statistics: (name) => ({ distinct: DISTINCT[name] ?? 50 }),
}

const kindsOf = (plan: ReturnType<typeof planFeatures>) =>
  Object.fromEntries(plan.columns.map(({ column: name, steps }) => [name, steps.map(({ kind }) => kind)]))

describe('planFeatures', () => {
  it('plans for trees', () => {
    const plan = planFeatures(schema, options)
    expect(kindsOf(plan)).toEqual({
      age: ['passNumber'],
      sex: ['oneHot'],
      city: ['ordinal', 'targetEncoding'],
      seen: ['calendar'],
      note: ['wordTfidf'],
    })
    expect(plan.dropped.map(({ column: name }) => name)).toEqual(['id', 'always', 'single'])
    expect(plan.dropped.every(({ reason }) => reason.length > 10)).toBe(true)
    expect(featurePlanSchema.parse(JSON.parse(JSON.stringify(plan)))).toBeTruthy()
  })

  it('plans for linear models', () => {
    expect(kindsOf(planFeatures(schema, { ...options, family: 'linear' }))).toEqual({
      age: ['imputeNumber', 'standardScale'],
      sex: ['oneHot'],
      city: ['targetEncoding'],
      seen: ['calendar'],
      note: ['wordTfidf'],
    })
  })

  it('keeps elapsed time out where the test rows come later', () => {
    const partsOf = (timeSplit: boolean) =>
      planFeatures(schema, { ...options, timeSplit }).columns.flatMap(({ steps }) =>
        steps.flatMap((step) => (step.kind === 'calendar' ? step.parts : [])),
      )
    expect(partsOf(false)).toContain('elapsedDays')
    expect(partsOf(true)).not.toContain('elapsedDays')
    expect(partsOf(true)).not.toContain('year')
  })

  it('learns of a season only where the training rows saw it whole, if the test rows come later', () => {
    const partsAfter = (spanDays: number) => {
      const statistics = (name: string) => ({ distinct: DISTINCT[name] ?? 50, spanDays })
      const { columns, dropped } = planFeatures(schema, { ...options, statistics, timeSplit: true })
      const steps = columns.find(({ column: name }) => name === 'seen')?.steps ?? []
      return steps[0]?.kind === 'calendar'
        ? steps[0].parts
        : dropped.find(({ column: name }) => name === 'seen')?.reason
    }
    expect(partsAfter(800)).toEqual(['month', 'dayOfMonth', 'weekday', 'hour', 'minute', 'dayOfYear'])
    expect(partsAfter(180)).toEqual(['weekday', 'hour', 'minute'])
    expect(partsAfter(10)).toEqual(['hour', 'minute'])
    expect(partsAfter(0.01)).toMatch(/no part of the date recurs/)
  })

  it('follows the user, who may bring back what would be dropped', () => {
    const plan = planFeatures(schema, {
      ...options,
      drop: ['note'],
      overrides: { id: [{ kind: 'hashing' }], age: [{ kind: 'quantile', knots: 10 }] },
    })
    expect(kindsOf(plan)).toMatchObject({ id: ['hashing'], age: ['quantile'] })
    expect(plan.dropped).toContainEqual({ column: 'note', reason: 'dropped by choice' })
  })

  it('names options that fit no column or no step', () => {
    expect(() => planFeatures(schema, { ...options, target: 'x' })).toThrow(/no column 'x'; there are: id, age/)
    expect(() => planFeatures(schema, { ...options, drop: ['y'] })).toThrow(/no column 'y'/)
    expect(() => planFeatures(schema, { ...options, overrides: { z: [] } })).toThrow(/no column 'z'/)
    expect(() => planFeatures(schema, { ...options, overrides: { age: [] } })).toThrow(/steps of column 'age'/)
    expect(() => planFeatures(schema, { ...options, overrides: { bought: [{ kind: 'oneHot' }] } })).toThrow(/target/)
    const misspelt = JSON.parse('{"age": [{"kind": "quantile", "knotts": 3}]}')
    expect(() => planFeatures(schema, { ...options, overrides: misspelt })).toThrow(/knotts/)
  })
})

describe('frameStatistics', () => {
  it('measures the span of dates without strays', () => {
    const days = Array.from({ length: 1000 }, (_, day) => Date.UTC(2020, 0, 1 + day))
    const seen = [...days, Date.UTC(1900, 0), null]
    expect(frameStatistics(frameOf({ seen }))('seen').spanDays).toBeCloseTo(1000, -1)
  })

  it('counts distinct values without the missing', () => {
    const statistics = frameStatistics(
      frameOf({ a: [1, 2, null, 2], b: ['x', null, 'x', 'y'], c: [null, null, null, null] }),
    )
    expect(['a', 'b', 'c', 'd'].map((name) => statistics(name).distinct)).toEqual([2, 2, 0, 0])
  })
})
