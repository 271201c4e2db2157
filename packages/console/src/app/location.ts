import { useSyncExternalStore } from 'react'

/** Where the reader is: `#/runs/7f3a/metrics?log=true` has the path `['runs', '7f3a', 'metrics']`. */
export interface Location {
  readonly path: readonly string[]
  readonly params: URLSearchParams
}

export function parseHash(hash: string): Location {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s)
  return { path: path.split('/').filter(Boolean).map(decodeSafely), params: new URLSearchParams(query) }
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export function toHash(path: readonly string[], params?: URLSearchParams): string {
  const query = params?.toString()
  return `#/${path.map(encodeURIComponent).join('/')}${query ? `?${query}` : ''}`
}

let [lastHash, lastLocation] = ['', parseHash('')]

function currentLocation(): Location {
  if (window.location.hash !== lastHash) {
    lastHash = window.location.hash
    lastLocation = parseHash(lastHash)
  }
  return lastLocation
}

const CHANGED = 'fivefold:location'

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener)
  window.addEventListener(CHANGED, listener)
  return () => {
    window.removeEventListener('hashchange', listener)
    window.removeEventListener(CHANGED, listener)
  }
}

export const useLocation = (): Location => useSyncExternalStore(subscribe, currentLocation)

export const navigate = (hash: string): void => window.location.assign(hash)

/** Changes the address in place: the browser's way back does not stop there. */
export function replaceLocation(hash: string): void {
  window.history.replaceState(window.history.state, '', hash)
  window.dispatchEvent(new Event(CHANGED))
}

/** The parameters of this page's address, changed in place: undefined takes one away. */
export function replaceParams(changes: Readonly<Record<string, string | undefined>>): void {
  const { path, params } = currentLocation()
  const next = new URLSearchParams(params)
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) next.delete(key)
    else next.set(key, value)
  }
  replaceLocation(toHash(path, next))
}
