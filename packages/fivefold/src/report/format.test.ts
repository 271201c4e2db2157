import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatAlike,
  formatBytes,
  formatCount,
  formatDuration,
  formatInterval,
  formatNumber,
  formatPercent,
  formatPValue,
  formatTime,
  shortened,
} from './index.ts'

describe('numbers to read', () => {
  it.each([
    [0, '0'],
    [12345, '12,345'],
    [-3, '−3'],
    [0.895, '0.895'],
    [0.012345, '0.01235'],
    [1234.5678, '1,235'],
    [123456.7, '123,457'],
    [2.5, '2.5'],
    [0.00001234, '1.23e−5'],
    [1e20, '1.00e+20'],
    [Number.NaN, '–'],
    [null, '–'],
  ])('%s is %s', (value, text) => expect(formatNumber(value)).toBe(text))

  it('never shows another order of magnitude or sign', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }), (value) => {
        const shown = Number(formatNumber(value, 4).replace('−', '-').replaceAll(',', '').replace('e−', 'e-'))
        expect(Math.abs(shown - value)).toBeLessThanOrEqual(Math.abs(value) * 6e-3 + 1e-300)
      }),
    )
  })

  it('keeps what is not quite nothing or everything apart from it', () => {
    expect(formatPercent(0)).toBe('0%')
    expect(formatPercent(0.0001)).toBe('<0.1%')
    expect(formatPercent(0.99999)).toBe('>99.9%')
    expect(formatPercent(1)).toBe('100%')
    expect(formatPercent(0.123)).toBe('12.3%')
  })

  it('gives an interval the digits that its width bears', () => {
    expect(formatInterval({ value: 0.92712, low: 0.9221, high: 0.9314 })).toBe('0.9271 [0.9221, 0.9314]')
    expect(formatInterval({ value: 43.512, low: 40.1, high: 47.9 })).toBe('43.5 [40.1, 47.9]')
    expect(formatInterval({ value: 0.5, low: 0.5, high: 0.5 })).toBe('0.5')
    expect(formatInterval({ value: 12.34, low: 11, high: 13.9 }, '%')).toBe('12.3% [11.0%, 13.9%]')
    expect(formatInterval({ value: 3.9369958e27, low: 3.5e27, high: 4.45e27 })).toBe('3.94e+27 [3.50e+27, 4.45e+27]')
    expect(formatInterval({ value: 2.34e-7, low: 2e-7, high: 2.6e-7 })).toBe('2.34e−7 [2.00e−7, 2.60e−7]')
    expect(formatAlike([-172.94, -0.2159, 120])).toEqual(['−172.9', '−0.2', '120.0'])
    expect(formatAlike([0.01234, 0.5])).toEqual(['0.0123', '0.5000'])
    expect(formatAlike([1234, 5])).toEqual(['1,234', '5'])
    expect(formatInterval(null)).toBe('–')
  })

  it('writes durations, sizes, times and p-values', () => {
    expect(formatDuration(0.12)).toBe('120 µs')
    expect(formatDuration(12.34)).toBe('12.3 ms')
    expect(formatDuration(125_000)).toBe('2 min 5 s')
    expect(formatDuration(11_400_000)).toBe('3 h 10 min')
    expect(formatBytes(812_345)).toBe('812 kB')
    expect(formatBytes(999_999)).toBe('1 MB')
    expect(formatTime(Date.UTC(2012, 6, 1))).toBe('2012-07-01')
    expect(formatTime(Date.UTC(2012, 6, 1, 13, 5))).toBe('2012-07-01 13:05')
    expect(formatPValue(0.0004)).toBe('p < 0.001')
    expect(formatCount(1e6)).toBe('1,000,000')
  })

  it('cuts by characters, not by halves of them', () => {
    expect(shortened('ab😀cd', 4)).toBe('ab😀…')
    expect(shortened('abcd', 4)).toBe('abcd')
  })
})
