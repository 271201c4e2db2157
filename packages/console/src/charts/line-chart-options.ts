import type UPlot from 'uplot'
import { formatDuration, formatNumber } from '../format/format.ts'
import { paintedColour, seriesColour, seriesDash } from './colours.ts'
import type { Line, Reading, XAxis } from './series-data.ts'

export interface LineChartLook {
  readonly lines: readonly Line[]
  readonly axis: XAxis
  readonly isLog: boolean
  readonly widthPx: number
  readonly heightPx: number
  readonly onReading: (reading: Reading | undefined) => void
}

const FONT = '11px system-ui, sans-serif'
const FAINT = 0.28

export function lineChartOptions({ lines, axis, isLog, widthPx, heightPx, onReading }: LineChartLook): UPlot.Options {
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
    padding: [10, 10, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: `fivefold-${axis}` },
      drag: { x: true, y: false },
      points: { size: 6 },
    },
    scales: { x: { time: axis === 'time' }, y: { distr: isLog ? 3 : 1, range: isLog ? logRange : yRange } },
    axes: [
      {
        ...axisLook,
        size: 22,
        gap: 4,
        ...(axis === 'time' ? {} : { values: (_plot, ticks) => ticks.map((tick) => xWords(tick, axis)) }),
      },
      {
        ...axisLook,
        gap: 6,
        size: (_plot, values) => 18 + 6.2 * Math.max(2, ...(values ?? []).map((value) => String(value ?? '').length)),
        values: (_plot, ticks) => ticks.map((tick) => (tick === null ? '' : formatNumber(tick))),
      },
    ],
    series: [{}, ...lines.map((line) => seriesLook(line))],
    hooks: { setCursor: [(plot) => onReading(readingAt(plot))] },
  }
}

function seriesLook({ colour, isRaw, xs }: Line): UPlot.Series {
  const stroke = paintedColour(seriesColour(colour))
  return {
    stroke: isRaw ? withAlpha(stroke, FAINT) : stroke,
    width: isRaw ? 1 : 1.6,
    dash: [...seriesDash(colour)],
    spanGaps: true,
    points: { show: xs.length === 1 && !isRaw, size: 6 },
  }
}

/** `rgb(1, 2, 3)` as browsers give it, made see-through. */
export const withAlpha = (colour: string, alpha: number): string =>
  colour.replace(/^rgb\((.*)\)$/, (_all, parts: string) => `rgb(${parts.replaceAll(',', '')} / ${alpha})`)

const xWords = (tick: number | null, axis: XAxis): string => {
  if (tick === null) return ''
  return axis === 'relative' ? formatDuration(tick * 1000) : formatNumber(tick)
}

const MARGIN = 0.05

function yRange(_plot: UPlot, low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1]
  const margin = (high - low) * MARGIN || Math.abs(high) * MARGIN || 0.5
  return [low - margin, high + margin]
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
