import * as Plot from '@observablehq/plot'
import { formatTick } from './distribution-charts.ts'
import { type ChartFrame, MUTED, plotSvg, seriesColour } from './plot-svg.ts'

export interface ScatterOptions extends ChartFrame {
  readonly points: readonly { readonly x: number; readonly y: number }[]
  readonly x: string
  readonly y: string
  /** The line x = y: a perfect prediction. */
  readonly diagonal?: boolean
  /** A horizontal line: no error. */
  readonly level?: number
}

/** Above this many, single dots hide each other and only weigh the page down. */
const MOST_DOTS = 1500
const CELLS = 48

/** Points in the plane; many of them as a density over a grid of squares. */
export function scatterChart({ points, x, y, diagonal, level, ...frame }: ScatterOptions): string {
  const finite = points.filter((point) => Number.isFinite(point.x) && Number.isFinite(point.y))
  const ends = [...extent(finite.map((p) => p.x)), ...extent(finite.map((p) => p.y))]
  const low = Math.min(...ends)
  const high = Math.max(...ends)
  const dots = finite.length <= MOST_DOTS ? dotsOf(finite) : densityOf(finite)
  return plotSvg({ width: 420, height: 360, ...frame }, {
    marginLeft: 56,
    x: { label: x, grid: true, ticks: 6, tickFormat: formatTick },
    y: { label: y, grid: true, ticks: 6, tickFormat: formatTick },
    marks: [
      dots,
      ...(diagonal && finite.length > 0
        ? [
            Plot.line(
              [
                [low, low],
                [high, high],
              ],
              { stroke: MUTED, strokeDasharray: '3 3' },
            ),
          ]
        : []),
      ...(level === undefined ? [] : [Plot.ruleY([level], { stroke: MUTED })]),
    ],
    color: { type: 'identity' },
    opacity: { type: 'identity' },
  } as Plot.PlotOptions)
}

type Points = ScatterOptions['points']

const dotsOf = (points: Points): Plot.Markish =>
  Plot.dot(points, { x: 'x', y: 'y', r: 2, fill: seriesColour(0), fillOpacity: points.length > 300 ? 0.35 : 0.6 })

function densityOf(points: Points): Plot.Markish {
  const [x0, x1] = extent(points.map((point) => point.x))
  const [y0, y1] = extent(points.map((point) => point.y))
  const xStep = (x1 - x0) / CELLS || 1
  const yStep = (y1 - y0) / CELLS || 1
  const counts = new Map<number, number>()
  const indexOf = (value: number, from: number, step: number): number =>
    Math.min(CELLS - 1, Math.floor((value - from) / step))
  for (const point of points) {
    const key = indexOf(point.x, x0, xStep) * CELLS + indexOf(point.y, y0, yStep)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const fullest = Math.max(...counts.values())
  const cells = [...counts].map(([key, count]) => ({
    x: x0 + Math.floor(key / CELLS) * xStep,
    y: y0 + (key % CELLS) * yStep,
    // Root scale: single points stay visible beside the densest cell.
    shade: 0.12 + 0.88 * Math.sqrt(count / fullest),
  }))
  return Plot.rect(cells, {
    x1: 'x',
    x2: (cell) => cell.x + xStep,
    y1: 'y',
    y2: (cell) => cell.y + yStep,
    fill: seriesColour(0),
    fillOpacity: 'shade',
  })
}

function extent(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
}
