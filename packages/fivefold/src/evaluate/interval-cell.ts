import type { MetricValue } from '../metrics/index.ts'
import { type Cell, formatInterval } from '../report/index.ts'

const WIDTH = 170
const HEIGHT = 16
const MARGIN = 6

export interface IntervalScale {
  readonly low: number
  readonly high: number
  /** A dashed line through all rows: the overall value. */
  readonly level?: number
}

/** A scale on which all values with their intervals find room. */
export function scaleOf(values: readonly MetricValue[], level?: number): IntervalScale {
  const ends = [...values.flatMap(({ low, high }) => [low, high]), ...(level === undefined ? [] : [level])]
  const [low, high] = [Math.min(...ends), Math.max(...ends)]
  return { low, high: high > low ? high : low + 1, ...(level === undefined ? {} : { level }) }
}

/** A dot and whisker for a table's cell, so that long names stand beside their interval in full. */
export function intervalCell(value: MetricValue | undefined, scale: IntervalScale): Cell {
  if (value === undefined) return null
  const x = (at: number): string =>
    (MARGIN + ((at - scale.low) / (scale.high - scale.low)) * (WIDTH - 2 * MARGIN)).toFixed(1)
  const level =
    scale.level === undefined
      ? ''
      : `<line x1="${x(scale.level)}" x2="${x(scale.level)}" y1="0" y2="${HEIGHT}" stroke="var(--muted,#62666b)" stroke-dasharray="3 2"/>`
  const whisker = `<line x1="${x(value.low)}" x2="${x(value.high)}" y1="8" y2="8" stroke="var(--c1,#0b6fb3)" stroke-width="2"/>`
  const dot = `<circle cx="${x(value.value)}" cy="8" r="3.5" fill="var(--c1,#0b6fb3)"/>`
  const opening = `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${formatInterval(value)}" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">`
  return { svg: `${opening}${level}${whisker}${dot}</svg>` }
}
