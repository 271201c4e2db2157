import { parseHTML } from 'linkedom'
import { describe, expect, it } from 'vitest'
import {
  barChart,
  curveChart,
  histogramChart,
  intervalChart,
  matrixChart,
  scatterChart,
  sparkline,
  timeChart,
} from '../index.ts'

const curve = (name: string) => ({
  name,
  points: [
    { x: 0, y: 0 },
    { x: 0.5, y: 0.8, low: 0.7, high: 0.9 },
    { x: 1, y: 1, low: 0.95, high: 1 },
  ],
})
const wave = Array.from({ length: 4000 }, (_, i) => ({ x: Math.sin(i), y: Math.cos(i * 1.7) }))

const CHARTS: Record<string, string> = {
  histogram: histogramChart({
    bins: [
      { from: 0, to: 1, count: 5 },
      { from: 1, to: 2, count: 7 },
    ],
    x: 'age',
    label: 'a chart',
  }),
  'bars with intervals': barChart({
    bars: [{ name: 'a', value: 0.5, low: 0.4, high: 0.6 }],
    x: 'share',
    unit: 'share',
    label: 'a chart',
  }),
  curves: curveChart({
    curves: [curve('one'), curve('two')],
    x: 'x',
    y: 'y',
    diagonal: true,
    level: 0.3,
    mark: 0.5,
    label: 'a chart',
  }),
  intervals: intervalChart({
    rows: [{ name: 'a', value: 0.9, low: 0.85, high: 0.93, highlighted: true }],
    x: 'rocAuc',
    level: 0.8,
    label: 'a chart',
  }),
  matrix: matrixChart({
    rows: ['a', 'b'],
    columns: ['a', 'b'],
    values: [
      [1, -0.4],
      [null, Number.NaN],
    ],
    x: 'predicted',
    y: 'actual',
    label: 'a chart',
  }),
  points: scatterChart({ points: wave.slice(0, 50), x: 'x', y: 'y', diagonal: true, label: 'a chart' }),
  density: scatterChart({ points: wave, x: 'x', y: 'y', level: 0, label: 'a chart' }),
  time: timeChart({
    series: [
      {
        name: 'rate',
        points: [
          { time: 0, value: 1, low: 0, high: 2 },
          { time: 864e5, value: 2, low: 1, high: 3 },
        ],
      },
    ],
    y: 'rate',
    expected: { low: 0, high: 3 },
    label: 'a chart',
  }),
  sparkline: sparkline([0, 1, 5, 100, 0], 'a chart'),
}
const EMPTY: Record<string, string> = {
  histogram: histogramChart({ bins: [], x: 'x', label: 'a chart' }),
  bars: barChart({ bars: [], x: 'x', label: 'a chart' }),
  curves: curveChart({ curves: [], x: 'x', y: 'y', label: 'a chart' }),
  intervals: intervalChart({ rows: [], x: 'x', label: 'a chart' }),
  matrix: matrixChart({ rows: [], columns: [], values: [], x: 'x', y: 'y', label: 'a chart' }),
  points: scatterChart({ points: [{ x: Number.NaN, y: 1 }], x: 'x', y: 'y', label: 'a chart' }),
  time: timeChart({ series: [], y: 'y', label: 'a chart' }),
  sparkline: sparkline([], 'a chart'),
}

describe('charts', () => {
  it.each([...Object.entries(CHARTS), ...Object.entries(EMPTY)])(
    '%s is one named drawing without a number that is none',
    (_, svg) => {
      const { document } = parseHTML(svg)
      const drawings = document.querySelectorAll('svg')
      expect(drawings.length).toBe(1)
      expect(drawings[0]?.getAttribute('role')).toBe('img')
      expect(drawings[0]?.getAttribute('aria-label')).toBe('a chart')
      expect(svg).not.toMatch(/NaN|Infinity|undefined/)
      expect(svg).not.toContain('<style')
    },
  )

  it('names the series of a chart, and tells them apart by their dashes too', () => {
    expect(CHARTS.curves).toContain('>one</text>')
    expect(CHARTS.curves).toMatch(/stroke-dasharray="6[ ,]3"/)
  })

  it('draws thousands of points as a density that stays small', () => {
    expect(CHARTS.density!.length).toBeLessThan(200_000)
    expect(CHARTS.density).not.toContain('<circle')
  })

  it('shows what hardly occurs, and nothing where nothing does', () => {
    const path = /d="([^"]*)"/.exec(CHARTS.sparkline!)?.[1] ?? ''
    expect(path.split('M').length - 1).toBe(3)
    expect(
      sparkline(
        Array.from({ length: 30 }, (_, i) => i),
        'x',
      ).length,
    ).toBeLessThan(1200)
  })
})
