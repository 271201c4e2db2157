import { replaceParams } from '../app/location.ts'
import type { XAxis } from './series-data.ts'

/** How curves are drawn; in the address of the page, and kept for the next one. */
export interface CurveSettings {
  readonly axis: XAxis
  readonly isLog: boolean
  /** From 0 to 0.99. */
  readonly smoothing: number
}

const KEY = 'fivefold.curves'

export function curveSettings(params: URLSearchParams): CurveSettings {
  const kept = new URLSearchParams(keptSettings())
  const read = (name: string): string | null => params.get(name) ?? kept.get(name)
  const axis = read('axis')
  const smoothing = Number(read('smoothing') ?? 0)
  return {
    axis: axis === 'time' || axis === 'relative' ? axis : 'step',
    isLog: read('log') === 'true',
    smoothing: smoothing >= 0 && smoothing < 1 ? smoothing : 0,
  }
}

export function changeCurves({ axis, isLog, smoothing }: CurveSettings): void {
  const texts = { axis, log: String(isLog), smoothing: String(smoothing) }
  try {
    localStorage.setItem(KEY, new URLSearchParams(texts).toString())
  } catch {
    // The address keeps them.
  }
  replaceParams(texts)
}

function keptSettings(): string {
  try {
    return localStorage.getItem(KEY) ?? ''
  } catch {
    return ''
  }
}
