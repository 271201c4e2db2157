import { expect, test } from 'vitest'
import { PLAIN_VIEW } from './run-view.ts'
import { readSavedViews, type TextStore, withView, writeSavedViews } from './saved-views.ts'

function memoryStore(): TextStore {
  const entries = new Map<string, string>()
  return { getItem: (key) => entries.get(key) ?? null, setItem: (key, value) => void entries.set(key, value) }
}

const best = { name: 'best', view: { ...PLAIN_VIEW, filter: 'metrics.auc > 0.9', columns: ['metric:auc'] } }

test('views come back as they were saved, for their own experiment alone', () => {
  const store = memoryStore()
  expect(writeSavedViews(store, '1', withView([], best))).toBe(true)
  expect(readSavedViews(store, '1')).toEqual([best])
  expect(readSavedViews(store, '2')).toEqual([])
})

test('a view of the same name gives way', () => {
  expect(withView([best], { name: 'best', view: PLAIN_VIEW })).toEqual([{ name: 'best', view: PLAIN_VIEW }])
})

test('a broken entry and a browser that keeps nothing do no harm', () => {
  expect(readSavedViews({ getItem: () => '{broken', setItem: () => undefined }, '1')).toEqual([])
  const full: TextStore = {
    getItem: () => null,
    setItem() {
      throw new Error('full')
    },
  }
  expect(writeSavedViews(full, '1', [best])).toBe(false)
})
