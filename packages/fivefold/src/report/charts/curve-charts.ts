import * as Plot from '@observablehq/plot'
import { formatTick } from './distribution-charts.ts'
import { type ChartFrame, GRID, type LegendEntry, MUTED, plotSvg, seriesColour, seriesDash } from './plot-svg.ts'

export interface CurvePoint {
  readonly x: number
  readonly y: number
  /** Ends of a band around the line. */
  readonly low?: number
  readonly high?: number
}

export interface Curve {
  readonly name: string
  readonly points: readonly CurvePoint[]
  /** Dots at the points besides the line. */
  readonly dots?: boolean
  /** Drawn as steps, as empirical curves are. */
  readonly steps?: boolean
}

export interface CurveOptions extends ChartFrame {
  readonly curves: readonly Curve[]
  readonly x: string
  readonly y: string
  readonly xDomain?: readonly [number, number]
  readonly yDomain?: readonly [number, number]
  /** The line x = y: chance in a ROC curve, perfection in a calibration curve. */
  readonly diagonal?: boolean
  /** A horizontal line: the base rate, a threshold. */
  readonly level?: number
  /** A vertical line: the chosen threshold. */
  readonly mark?: number
}

/** Lines over a common pair of axes, with bands and a diagonal where asked. */
export function curveChart({ curves, x, y, xDomain, yDomain, diagonal, level, mark, ...frame }: CurveOptions): string {
  const corner = diagonal
    ? [
        Plot.line(
          [
            [0, 0],
            [1, 1],
          ],
          { stroke: MUTED, strokeDasharray: '3 3' },
        ),
      ]
    : []
  const levels = level === undefined ? [] : [Plot.ruleY([level], { stroke: MUTED, strokeDasharray: '3 3' })]
  const marked = mark === undefined ? [] : [Plot.ruleX([mark], { stroke: MUTED, strokeDasharray: '2 2' })]
  return plotSvg(
    { width: 420, height: 340, ...frame },
    {
      marginLeft: 52,
      marginRight: 14,
      x: { label: x, grid: true, ticks: 6, tickFormat: formatTick, ...(xDomain && { domain: [...xDomain] }) },
      y: { label: y, grid: true, ticks: 6, tickFormat: formatTick, ...(yDomain && { domain: [...yDomain] }) },
      marks: [...corner, ...levels, ...marked, ...curves.flatMap(marksOfCurve)],
    },
    legendOf(curves.map(({ name }) => name)),
  )
}

const legendOf = (names: readonly string[]): LegendEntry[] =>
  names.length < 2 ? [] : names.map((name, i) => ({ name, colour: seriesColour(i), dash: seriesDash(i) }))

function marksOfCurve({ points, dots, steps }: Curve, index: number): Plot.Markish[] {
  const colour = seriesColour(index)
  const banded = points.filter((point) => point.low !== undefined && point.high !== undefined)
  const dash = seriesDash(index)
  return [
    ...(banded.length > 1
      ? [Plot.areaY(banded, { x: 'x', y1: 'low', y2: 'high', fill: colour, fillOpacity: 0.15 })]
      : []),
    Plot.line(points, {
      x: 'x',
      y: 'y',
      stroke: colour,
      strokeWidth: 2,
      ...(dash && { strokeDasharray: dash }),
      ...(steps && { curve: 'step-after' as const }),
    }),
    ...(dots ? [Plot.dot(points, { x: 'x', y: 'y', fill: colour, r: 3 })] : []),
  ]
}

export interface TimePoint {
  /** Epoch milliseconds UTC. */
  readonly time: number
  readonly value: number
  readonly low?: number
  readonly high?: number
}

export interface TimeSeries {
  readonly name: string
  readonly points: readonly TimePoint[]
}

export interface TimeOptions extends ChartFrame {
  readonly series: readonly TimeSeries[]
  readonly y: string
  /** A horizontal line: the value in training, a limit. */
  readonly level?: number
  /** The band of what is expected, from the first to the last moment. */
  readonly expected?: { readonly low: number; readonly high: number }
}

/** Values over time with bands of uncertainty. */
export function timeChart({ series, y, level, expected, ...frame }: TimeOptions): string {
  const times = series.flatMap(({ points }) => points.map(({ time }) => time))
  const range = times.reduce<[number, number]>(
    ([first, last], time) => [Math.min(first, time), Math.max(last, time)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
  const ground = expected
    ? [Plot.rect([expected], { x1: range[0], x2: range[1], y1: 'low', y2: 'high', fill: GRID, fillOpacity: 0.6 })]
    : []
  const levels = level === undefined ? [] : [Plot.ruleY([level], { stroke: MUTED, strokeDasharray: '3 3' })]
  const curves = series.map(({ name, points }) => ({
    name,
    points: points.map(({ time, value, ...band }) => ({ x: time, y: value, ...band })),
    dots: points.length <= 40,
  }))
  return plotSvg(
    { height: 220, ...frame },
    {
      marginLeft: 52,
      x: { type: 'utc', label: null },
      y: { label: y, grid: true, ticks: 5, tickFormat: formatTick },
      marks: [...ground, ...levels, ...curves.flatMap(marksOfCurve)],
    },
    legendOf(series.map(({ name }) => name)),
  )
}
