import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from './index.ts'

const draws = (seed: number, name: string, count: number): number[] => {
  const rng = createRng(seed).fork(name)
  return Array.from({ length: count }, () => rng.next())
}

describe('createRng', () => {
  it('repeats itself for a seed and a name, and differs for others', () => {
    expect(draws(1, 'a', 5)).toEqual(draws(1, 'a', 5))
    expect(draws(1, 'a', 5)).not.toEqual(draws(2, 'a', 5))
    expect(draws(1, 'a', 5)).not.toEqual(draws(1, 'b', 5))
  })

  it('forks the same stream however much its parent was drawn from', () => {
    const parent = createRng(3)
    const before = parent.fork('child').next()
    parent.next()
    expect(parent.fork('child').next()).toBe(before)
  })

  it('is uniform: chi-square over 64 cells stays below its 99.9% quantile', () => {
    const cells = new Float64Array(64)
    const rng = createRng(11)
    for (let i = 0; i < 64_000; i++) cells[Math.floor(rng.next() * 64)]! += 1
    const chiSquare = cells.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    expect(chiSquare).toBeLessThan(103.4)
  })

  it('draws normals of mean 0 and variance 1, within four standard errors', () => {
    const rng = createRng(5)
    const values = Array.from({ length: 40_000 }, () => rng.normal())
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + value * value, 0) / values.length
    expect(Math.abs(mean)).toBeLessThan(4 / 200)
    expect(Math.abs(variance - 1)).toBeLessThan((4 * Math.SQRT2) / 200)
  })

  it('shuffles into a permutation and keeps int below its bound', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.integer({ min: 1, max: 200 }), (seed, length) => {
        const rng = createRng(seed)
        const shuffled = rng.shuffle(Uint32Array.from({ length }, (_, i) => i))
        expect([...shuffled].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i))
        const drawn = rng.int(length)
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < length).toBe(true)
      }),
    )
  })
})
