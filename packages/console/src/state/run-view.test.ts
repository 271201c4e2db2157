import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextSort, orderBy, PLAIN_VIEW, type RunView, viewFromParams, viewToParams } from './run-view.ts'

const columnId = fc
  .tuple(fc.constantFrom('metric', 'param', 'tag'), fc.string({ minLength: 1 }))
  .map(([kind, key]) => `${kind}:${key}`)

const views: fc.Arbitrary<RunView> = fc.record({
  filter: fc.string(),
  sort: fc.record({ column: columnId, descending: fc.boolean() }),
  columns: fc.option(fc.array(columnId), { nil: undefined }),
  group: fc.option(columnId, { nil: undefined }),
  deleted: fc.boolean(),
})

test('an address gives back the view that it was made from', () => {
  fc.assert(
    fc.property(views, (view) => {
      expect(viewFromParams(new URLSearchParams(viewToParams(view).toString()))).toEqual(view)
    }),
  )
})

test('the plain view leaves the address empty', () => {
  expect(viewToParams(PLAIN_VIEW).toString()).toBe('')
  expect(viewFromParams(new URLSearchParams())).toEqual(PLAIN_VIEW)
})

test('a first press sorts numbers from the largest and texts from the first, a second one turns round', () => {
  expect(nextSort(PLAIN_VIEW.sort, 'metric:auc')).toEqual({ column: 'metric:auc', descending: true })
  expect(nextSort(PLAIN_VIEW.sort, 'param:lr')).toEqual({ column: 'param:lr', descending: false })
  expect(nextSort({ column: 'param:lr', descending: false }, 'param:lr').descending).toBe(true)
})

test('the order is said in the filter language, with odd names quoted', () => {
  expect(orderBy({ column: 'metric:val/loss', descending: false })).toEqual(['metrics.`val/loss` ASC'])
  expect(orderBy({ column: 'attribute:started', descending: true })).toEqual(['attributes.start_time DESC'])
  expect(orderBy({ column: 'attribute:dataset', descending: true })).toEqual([])
})
