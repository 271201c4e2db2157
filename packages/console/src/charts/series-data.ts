import type { MetricSeries } from '../client/records.ts'
import { smooth } from './smoothing.ts'

export type XAxis = 'step' | 'time' | 'relative'

/** One line as the chart draws it. */
export interface Line {
  readonly label: string
  readonly colour: number
  readonly xs: readonly number[]
  readonly ys: readonly number[]
  /** Drawn faint behind the smoothed line. */
  readonly isRaw: boolean
  /** What is not known stays open; else the line goes on to the next point. */
  readonly hasGaps?: boolean
}

/** What the cursor points at: the x, and the y of each line. */
export interface Reading {
  readonly x: number
  readonly ys: readonly (number | undefined)[]
}

/** Seconds since 1970 for `time`, seconds since the first point for `relative`. */
export function xValues(series: MetricSeries, axis: XAxis): readonly number[] {
  if (axis === 'step' || series.timesMs.length === 0) return series.steps
  const startMs = axis === 'relative' ? series.timesMs.reduce((least, timeMs) => Math.min(least, timeMs)) : 0
  return series.timesMs.map((timeMs) => (timeMs - startMs) / 1000)
}

export interface LineOptions {
  readonly axis: XAxis
  readonly smoothing: number
}

/** The lines of a series: itself, and behind a smoothed one also the raw. */
export function toLines(series: MetricSeries, label: string, colour: number, options: LineOptions): Line[] {
  const unsorted = xValues(series, options.axis)
  const order = inOrder(unsorted)
  const xs = order.map((i) => unsorted[i]!)
  const ys = order.map((i) => series.values[i]!)
  const line = { label, colour, xs, ys, isRaw: false }
  if (options.smoothing === 0) return [line]
  return [
    { ...line, isRaw: true },
    { ...line, ys: smooth(ys, options.smoothing) },
  ]
}

const inOrder = (xs: readonly number[]): number[] => xs.map((_, i) => i).sort((a, b) => xs[a]! - xs[b]!)

/** Columns over one common x, as the chart library wants them; of points with the same x the last one counts. */
export function alignLines(lines: readonly Line[]): [xs: number[], ...ys: (number | null)[][]] {
  const places = new Map<number, number>()
  for (const line of lines) for (const x of line.xs) places.set(x, 0)
  const xs = [...places.keys()].sort((a, b) => a - b)
  xs.forEach((x, place) => {
    places.set(x, place)
  })
  const columns = lines.map((line) => {
    const column = new Array<number | null>(xs.length).fill(null)
    line.xs.forEach((x, i) => {
      const y = line.ys[i]!
      column[places.get(x)!] = Number.isFinite(y) ? y : null
    })
    return column
  })
  return [xs, ...columns]
}
