import type UPlot from 'uplot'
import { formatDuration, formatNumber, formatTime } from '../format/format.ts'
import { paintedColour, seriesColour, seriesDash } from './colours.ts'
import type { Line, Reading, XAxis } from './series-data.ts'

export interface LineChartLook {
  readonly lines: readonly Line[]
  readonly axis: XAxis
  readonly isLog: boolean
  readonly isFromZero: boolean
  readonly formatY: (value: number) => string
  readonly widthPx: number
  readonly heightPx: number
  readonly onReading: (reading: Reading | undefined) => void
}

const FONT = '11px system-ui, sans-serif'
const FAINT = 0.28

export function lineChartOptions(look: LineChartLook): UPlot.Options {
  const { lines, axis, isLog, isFromZero, formatY, widthPx, heightPx, onReading } = look
  const [grid, muted] = [paintedColour('var(--line)'), paintedColour('var(--muted)')]
  const axisLook = {
    stroke: muted,
    font: FONT,
    grid: { stroke: grid, width: 1 },
    ticks: { show: false },
    border: { show: false },
  }
  return {
    width: widthPx,
    height: heightPx,
    padding: [10, 14, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: `fivefold-${axis}` },
      drag: { x: true, y: false },
      points: { size: 6 },
    },
    scales: {
      x: { time: axis === 'time' },
      y: { distr: isLog ? 3 : 1, range: isLog ? logRange : isFromZero ? rangeFromZero : yRange },
    },
    axes: [
      {
        ...axisLook,
        size: 22,
        gap: 4,
        values: (_plot, ticks) => ticks.map((tick) => xWords(tick, axis, ticks)),
      },
      {
        ...axisLook,
        gap: 6,
        size: (_plot, values) => 18 + 6.2 * Math.max(2, ...(values ?? []).map((value) => String(value ?? '').length)),
        values: (_plot, ticks) => ticks.map((tick) => (tick === null ? '' : formatY(tick))),
      },
    ],
    series: [{}, ...lines.map((line) => seriesLook(line))],
    hooks: { setCursor: [(plot) => onReading(readingAt(plot))] },
  }
}

function seriesLook({ colour, isRaw, xs, hasGaps = false }: Line): UPlot.Series {
  const stroke = paintedColour(seriesColour(colour))
  return {
    stroke: isRaw ? withAlpha(stroke, FAINT) : stroke,
    width: isRaw ? 1 : 1.6,
    dash: [...seriesDash(colour)],
    spanGaps: !hasGaps,
    points: { show: xs.length === 1 && !isRaw, size: 6 },
  }
}

/** `rgb(1, 2, 3)` as browsers give it, made see-through. */
export const withAlpha = (colour: string, alpha: number): string =>
  colour.replace(/^rgb\((.*)\)$/, (_all, parts: string) => `rgb(${parts.replaceAll(',', '')} / ${alpha})`)

function xWords(tick: number | null, axis: XAxis, ticks: readonly (number | null)[]): string {
  if (tick === null) return ''
  if (axis === 'time') return timeWords(tick, (ticks.at(-1) ?? tick) - (ticks[0] ?? tick))
  return axis === 'relative' ? formatDuration(tick * 1000) : formatNumber(tick)
}

const DAY_SECONDS = 86_400

/** As little of a time as tells the ticks of a span apart: 16:47, 16:47:05, 11-23. */
function timeWords(seconds: number, spanSeconds: number): string {
  const text = formatTime(seconds * 1000)
  if (spanSeconds > 2 * DAY_SECONDS) return text.slice(5, 10)
  return spanSeconds < 180 ? text.slice(11) : text.slice(11, 16)
}

const MARGIN = 0.05

function yRange(_plot: UPlot, low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1]
  const margin = (high - low) * MARGIN || Math.abs(high) * MARGIN || 0.5
  return [low - margin, high + margin]
}

const rangeFromZero = (_plot: UPlot, _low: number | null, high: number | null): [number, number] => [
  0,
  roundAbove(high),
]

/** The next of 1, 1.5, 2, 3, 5, 8 times a power of ten; 1 above nothing. */
export function roundAbove(value: number | null): number {
  if (value === null || !(value > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(value))
  return ([1, 1.5, 2, 3, 5, 8, 10].find((step) => step * power >= value) ?? 10) * power
}

/** Values of zero and below have no place on a logarithmic axis. */
function logRange(plot: UPlot): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, 0]
  for (const column of plot.data.slice(1))
    for (const value of column) {
      if (value == null || !(value > 0)) continue
      if (value < low) low = value
      if (value > high) high = value
    }
  return high === 0 ? [0.1, 1] : [low / 1.15, high * 1.15]
}

function readingAt(plot: UPlot): Reading | undefined {
  const { idx } = plot.cursor
  if (idx == null) return undefined
  const ys = plot.data.slice(1).map((column) => nearest(column, idx))
  return { x: plot.data[0][idx]!, ys }
}

/** Lines that have no point at this x show the one before. */
function nearest(column: ArrayLike<number | null | undefined>, index: number): number | undefined {
  for (let at = index; at >= 0; at--) {
    const value = column[at]
    if (value != null) return value
  }
  return undefined
}
