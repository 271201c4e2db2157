import { expect, test } from 'vitest'
import {
  columnFormat,
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatLatency,
  formatNumber,
  formatPercent,
  formatRate,
} from './format.ts'

test('numbers keep five significant digits and say what is not finite', () => {
  expect([0.927312, 12345, 0, -0.5, 1e-9, 123456.789, Number.NaN, -Infinity, 2.5e12].map(formatNumber)).toEqual([
    '0.92731',
    '12,345',
    '0',
    '−0.5',
    '1e-9',
    '123,456.8',
    'NaN',
    '−∞',
    '2.5e12',
  ])
})

test('numbers of a column have the same decimals, except where these would hide them', () => {
  const format = columnFormat([0.8705, 0.86268, 1])
  expect([0.8705, 0.862681, -1, 1e-7, Number.NaN].map(format)).toEqual(['0.8705', '0.8627', '−1.0000', '1e-7', 'NaN'])
  expect([4000, 12].map(columnFormat([4000, 12]))).toEqual(['4,000', '12'])
  expect(columnFormat([22.8254, 3])(3)).toBe('3.000')
})

test('sizes and durations show their largest units', () => {
  expect([0, 999, 1500, 812_345, 3.2e9].map(formatBytes)).toEqual(['0 B', '999 B', '1.5 kB', '812 kB', '3.2 GB'])
  expect([320, 59_960, 185_000, 7_800_000, 273_600_000].map(formatDuration)).toEqual([
    '320 ms',
    '59.9 s',
    '3 m 05 s',
    '2 h 10 m',
    '3 d 04 h',
  ])
})

test('ages become days after a month', () => {
  const now = new Date(2026, 10, 23, 12).getTime()
  expect(formatAge(now - 30_000, now)).toBe('just now')
  expect(formatAge(now - 5 * 3_600_000, now)).toBe('5 h ago')
  expect(formatAge(new Date(2026, 0, 2).getTime(), now)).toBe('2026-01-02')
})

test('counts agree with their noun', () => {
  expect([formatCount(1, 'run'), formatCount(12_000, 'run')]).toEqual(['1 run', '12,000 runs'])
})

test('shares, latencies and rates are short, and say what is not known', () => {
  expect([0, 0.01, 0.3333, 0.0025, 1, -0.2].map(formatPercent)).toEqual(['0%', '1%', '33.3%', '0.25%', '100%', '−20%'])
  expect([0.0823, 4.2, 999, 1240].map(formatLatency)).toEqual(['0.0823 ms', '4.2 ms', '999 ms', '1.24 s'])
  expect([0, 0.25, 14.32, 1240.4].map(formatRate)).toEqual(['0', '0.25', '14.3', '1,240'])
  for (const format of [formatPercent, formatLatency, formatRate])
    for (const unknown of [null, undefined, Number.NaN]) expect(format(unknown)).toBe('–')
})
