import * as Plot from '@observablehq/plot'
import { withoutControls } from '../escape.ts'
import { formatCount, formatNumber, formatPercent, formatTime, shortened } from '../format.ts'
import { type ChartFrame, MUTED, plotSvg, seriesColour } from './plot-svg.ts'

export interface HistogramBin {
  readonly from: number
  readonly to: number
  readonly count: number
}

export interface HistogramOptions extends ChartFrame {
  readonly bins: readonly HistogramBin[]
  readonly x: string
  /** Bounds are epoch milliseconds. */
  readonly time?: boolean
}

/** Counts over the bins of a numeric column. */
export function histogramChart({ bins, x, time, ...frame }: HistogramOptions): string {
  const title = (bin: HistogramBin): string =>
    `${time ? formatTime(bin.from) : formatNumber(bin.from)} to ${time ? formatTime(bin.to) : formatNumber(bin.to)}: ${formatCount(bin.count)}`
  return plotSvg(
    { height: 200, ...frame },
    {
      marginLeft: 52,
      x: { label: x, ...(time ? { type: 'utc' as const } : {}) },
      y: { label: 'rows', grid: true, ticks: 4, tickFormat: formatTick },
      marks: [
        Plot.rectY(bins, { x1: 'from', x2: 'to', y: 'count', insetLeft: 0.5, fill: seriesColour(0), title }),
        Plot.ruleY([0]),
      ],
    },
  )
}

export interface Bar {
  readonly name: string
  readonly value: number
  /** Low and high end of an interval around the value. */
  readonly low?: number
  readonly high?: number
}

export interface BarOptions extends ChartFrame {
  /** Drawn from top to bottom in this order. */
  readonly bars: readonly Bar[]
  readonly x: string
  /** How values are written beside the bars. Default 'count'. */
  readonly unit?: 'count' | 'share' | 'number'
}

/** Horizontal bars with their values: frequent values, importances. */
export function barChart({ bars, x, unit = 'count', ...frame }: BarOptions): string {
  const show = { count: formatCount, share: formatPercent, number: formatNumber }[unit]
  const rows = bars.map((bar, index) => ({ ...bar, index }))
  const names = bars.map(({ name }) => shortened(withoutControls(name), 26))
  const intervals = rows.filter((row) => row.low !== undefined && row.high !== undefined)
  return plotSvg(
    { height: 40 + bars.length * 22, ...frame },
    {
      marginLeft: labelMargin(names),
      marginRight: 56,
      x: {
        label: x,
        grid: true,
        ticks: 4,
        tickFormat: show,
        ...(unit === 'share' && { domain: [0, sharesEnd(bars)] }),
      },
      y: {
        domain: rows.map((row) => row.index),
        tickFormat: (index: number) => names[index] ?? '',
        label: null,
        tickSize: 0,
      },
      marks: [
        Plot.barX(rows, { x: 'value', y: 'index', fill: seriesColour(0), insetTop: 2, insetBottom: 2 }),
        Plot.ruleY(intervals, { x1: 'low', x2: 'high', y: 'index', stroke: MUTED, strokeWidth: 1.5 }),
        Plot.text(rows, {
          x: (row) => Math.max(row.high ?? row.value, row.value),
          y: 'index',
          text: (row) => show(row.value),
          textAnchor: 'start',
          dx: 5,
        }),
        Plot.ruleX([0]),
      ],
    },
  )
}

const sharesEnd = (bars: readonly Bar[]): number => Math.max(...bars.map((bar) => bar.high ?? bar.value), 1e-9)

export const labelMargin = (names: readonly string[]): number =>
  Math.min(180, 14 + Math.max(...names.map((name) => name.length), 1) * 6.4)

/** Axis ticks: 20k rather than 20,000. */
export function formatTick(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e9) return `${formatNumber(value / 1e9, 3)}G`
  if (size >= 1e6) return `${formatNumber(value / 1e6, 3)}M`
  return size >= 1e4 ? `${formatNumber(value / 1e3, 3)}k` : formatNumber(value, 3)
}
