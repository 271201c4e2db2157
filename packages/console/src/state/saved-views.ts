import { type RunView, viewFromParams, viewToParams } from './run-view.ts'

export interface SavedView {
  readonly name: string
  readonly view: RunView
}

/** A place for texts, as `localStorage` is; it may refuse. */
export type TextStore = Pick<Storage, 'getItem' | 'setItem'>

const keyOf = (experimentId: string): string => `fivefold.views.${experimentId}`

/** The views that were saved in this browser for an experiment; none where the entry cannot be read. */
export function readSavedViews(store: TextStore, experimentId: string): SavedView[] {
  try {
    const entries = JSON.parse(store.getItem(keyOf(experimentId)) ?? '[]') as unknown
    if (!Array.isArray(entries)) return []
    return entries
      .filter((entry) => typeof entry?.name === 'string' && typeof entry?.view === 'string')
      .map(({ name, view }) => ({ name, view: viewFromParams(new URLSearchParams(view)) }))
  } catch {
    return []
  }
}

/** A view of the same name gives way. Returns false where the browser keeps nothing. */
export function writeSavedViews(store: TextStore, experimentId: string, views: readonly SavedView[]): boolean {
  const entries = views.map(({ name, view }) => ({ name, view: viewToParams(view).toString() }))
  try {
    store.setItem(keyOf(experimentId), JSON.stringify(entries))
    return true
  } catch {
    return false
  }
}

export const withView = (views: readonly SavedView[], added: SavedView): SavedView[] =>
  [...views.filter(({ name }) => name !== added.name), added].sort((a, b) => a.name.localeCompare(b.name))
