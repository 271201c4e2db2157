import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { floorFloat32, nextFloat32, previousFloat32 } from './float32.ts'

const LEAST = 2 ** -149
const MOST = (2 - 2 ** -23) * 2 ** 127

describe('neighbours among the float32', () => {
  it('are those that IEEE 754 defines', () => {
    const pairs = [
      [1, 1 + 2 ** -23],
      [-1, -1 + 2 ** -24],
      [0, LEAST],
      [-LEAST, -0],
      [MOST, Infinity],
      [-Infinity, -MOST],
      [Infinity, Infinity],
      [Number.NaN, Number.NaN],
    ]
    for (const [value, next] of pairs) expect(nextFloat32(value!)).toBe(next)
    expect(previousFloat32(1)).toBe(1 - 2 ** -24)
    expect(previousFloat32(0)).toBe(-LEAST)
    expect(previousFloat32(Infinity)).toBe(MOST)
  })

  it('undo each other', () => {
    const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 126), max: 2 ** 126 })
    fc.assert(fc.property(float, (value) => previousFloat32(nextFloat32(value)) === value))
  })

  it('rounding down keeps what float32 values are at most a double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.float({ noNaN: true }), (bound, value) => {
        for (const x of [value, Math.fround(bound), nextFloat32(Math.fround(bound))])
          expect(x <= floorFloat32(bound)).toBe(x <= bound)
      }),
    )
  })
})
