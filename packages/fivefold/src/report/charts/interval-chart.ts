import * as Plot from '@observablehq/plot'
import { withoutControls } from '../escape.ts'
import { shortened } from '../format.ts'
import { formatTick, labelMargin } from './distribution-charts.ts'
import { type ChartFrame, GRID, MUTED, plotSvg, seriesColour } from './plot-svg.ts'

export interface IntervalRow {
  readonly name: string
  readonly value: number
  readonly low: number
  readonly high: number
  /** Drawn in the second colour and as a square: the chosen candidate, a slice that stands out. */
  readonly highlighted?: boolean
}

export interface IntervalOptions extends ChartFrame {
  readonly rows: readonly IntervalRow[]
  readonly x: string
  readonly domain?: readonly [number, number]
  /** A vertical line: the baseline, the overall value. */
  readonly level?: number
}

/** Dot and whisker: a value and its interval a row; for leaderboards, slices and groups. */
export function intervalChart({ rows, x, domain, level, ...frame }: IntervalOptions): string {
  const placed = rows.map((row, index) => ({ ...row, index }))
  const names = rows.map(({ name }) => shortened(withoutControls(name), 28))
  const colour = (row: IntervalRow): string => seriesColour(row.highlighted ? 1 : 0)
  return plotSvg({ height: 44 + rows.length * 24, ...frame }, {
    marginLeft: labelMargin(names),
    marginRight: 20,
    x: { label: x, grid: true, ticks: 6, tickFormat: formatTick, ...(domain && { domain: [...domain] }) },
    y: {
      type: 'point',
      domain: placed.map((row) => row.index),
      tickFormat: (i: number) => names[i] ?? '',
      label: null,
      tickSize: 0,
    },
    marks: [
      Plot.ruleY(placed, {
        x1: domain?.[0] ?? 'low',
        x2: domain?.[1] ?? 'high',
        y: 'index',
        stroke: GRID,
        strokeWidth: 0.5,
      }),
      ...(level === undefined ? [] : [Plot.ruleX([level], { stroke: MUTED, strokeDasharray: '3 3' })]),
      Plot.ruleY(placed, { x1: 'low', x2: 'high', y: 'index', stroke: colour, strokeWidth: 2 }),
      Plot.dot(placed, {
        x: 'value',
        y: 'index',
        fill: colour,
        r: 4.5,
        symbol: (row: IntervalRow) => (row.highlighted ? 'square' : 'circle'),
      }),
    ],
    symbol: { type: 'identity' },
  } as Plot.PlotOptions)
}
