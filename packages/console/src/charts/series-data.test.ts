import { expect, test } from 'vitest'
import type { MetricSeries } from '../client/records.ts'
import { alignLines, toLines, xValues } from './series-data.ts'

const series: MetricSeries = {
  runId: 'a',
  key: 'loss',
  steps: [0, 1, 2],
  timesMs: [5000, 6000, 8000],
  values: [3, Number.NaN, 1],
}

test('the x axis counts steps, seconds since 1970, or seconds since the first point', () => {
  expect(xValues(series, 'step')).toEqual([0, 1, 2])
  expect(xValues(series, 'time')).toEqual([5, 6, 8])
  expect(xValues(series, 'relative')).toEqual([0, 1, 3])
})

test('a smoothed line keeps the raw one behind it', () => {
  expect(toLines(series, 'loss', 0, { axis: 'step', smoothing: 0 })).toHaveLength(1)
  const [raw, smoothed] = toLines(series, 'loss', 0, { axis: 'step', smoothing: 0.5 })
  expect([raw!.isRaw, smoothed!.isRaw]).toEqual([true, false])
  expect(raw!.ys).toEqual(series.values)
})

test('points are put in the order of x', () => {
  const shuffled = { ...series, timesMs: [8000, 5000, 6000], values: [1, 2, 3] }
  expect(toLines(shuffled, '', 0, { axis: 'time', smoothing: 0 })[0]).toMatchObject({ xs: [5, 6, 8], ys: [2, 3, 1] })
})

test('lines share one x, with gaps where a line has no point', () => {
  const line = (xs: number[], ys: number[]) => ({ label: '', colour: 0, xs, ys, isRaw: false })
  expect(alignLines([line([0, 2], [1, Number.NaN]), line([1, 2, 2], [5, 6, 7])])).toEqual([
    [0, 1, 2],
    [1, null, null],
    [null, 5, 7],
  ])
})
