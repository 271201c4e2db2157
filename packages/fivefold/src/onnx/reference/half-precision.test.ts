import { describe, expect, it } from 'vitest'
import { fromHalf, toHalf } from './half-precision.ts'

describe('half precision', () => {
  it('comes back from a double for every one of its values', () => {
    const moved = Array.from({ length: 0x10000 }, (_, bits) => bits).filter(
      (bits) => !Number.isNaN(fromHalf(bits)) && toHalf(fromHalf(bits)) !== bits,
    )
    expect(moved).toEqual([])
  })

  it('is the nearest half, ties to even', () => {
    const nearest = (value: number): number => fromHalf(toHalf(value))
    expect([nearest(1 + 2 ** -11), nearest(1 + 3 * 2 ** -11), nearest(1 + 2 ** -11 + 2 ** -30)]).toEqual([
      1,
      1 + 2 ** -9,
      1 + 2 ** -10,
    ])
    expect([nearest(65519), nearest(65520), nearest(-70000)]).toEqual([65504, Infinity, -Infinity])
    expect([nearest(2 ** -25), nearest(2 ** -25 * 1.001), nearest(2 ** -14 - 2 ** -26)]).toEqual([
      0,
      2 ** -24,
      2 ** -14,
    ])
    expect(nearest(Number.NaN)).toBeNaN()
  })
})
