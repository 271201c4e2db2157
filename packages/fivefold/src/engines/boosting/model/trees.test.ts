import { describe, expect, it } from 'vitest'
import { findSides, goesLeft, type Trees } from './trees.ts'

/** Three splits: at 2.5, and by the set {1, 33, 40} with its members to either side. */
const TREES: Trees = {
  starts: Uint32Array.of(0, 3),
  output: Uint16Array.of(0),
  feature: Int32Array.of(0, 0, 0),
  threshold: Float32Array.of(2.5, 0, 0),
  categorySet: Int32Array.of(-1, 1, 1),
  membersLeft: Uint8Array.of(0, 1, 0),
  sets: { starts: Uint32Array.of(0, 1, 3), words: Uint32Array.of(0xffffffff, 1 << 1, (1 << 1) | (1 << 8)) },
  missingLeft: Uint8Array.of(1, 0, 1),
  left: Uint32Array.of(1, 1, 1),
  value: new Float32Array(3),
  gain: new Float32Array(3),
  cover: new Float64Array(3),
}

describe('the side that a value goes to', () => {
  it('is left up to the threshold, and the learnt one where the value is missing', () => {
    const sides = [-Infinity, -1, 2.5, 2.6, Infinity, Number.NaN].map((value) => goesLeft(TREES, 0, value))
    expect(sides).toEqual([true, true, true, false, false, true])
  })

  it('is that of the members of a set, or the other one', () => {
    const codes = [0, 1, 2, 32, 33, 39, 40, 63, 64, 96, 2 ** 40]
    const members = [1, 33, 40]
    expect(codes.filter((code) => goesLeft(TREES, 1, code))).toEqual(members)
    expect(codes.filter((code) => !goesLeft(TREES, 2, code))).toEqual(members)
  })

  it('is that of missing values where the value is no category code', () => {
    for (const value of [Number.NaN, -1, 1.5, Infinity, -Infinity]) {
      expect(goesLeft(TREES, 1, value)).toBe(false)
      expect(goesLeft(TREES, 2, value)).toBe(true)
    }
  })

  it('is the same for many values at once', () => {
    const values = Float32Array.of(-Infinity, -1, 0, 1, 1.5, 2.5, 2.6, 33, 40, 96, 1e10, Infinity, Number.NaN)
    const sides = new Uint8Array(values.length)
    for (const node of [0, 1, 2]) {
      findSides(TREES, node, values, sides)
      expect([...sides]).toEqual(Array.from(values, (value) => (goesLeft(TREES, node, value) ? 1 : 0)))
    }
  })
})
