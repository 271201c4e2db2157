import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseCuts, cutBetween, sampleRows } from './cuts.ts'

function cutsOf(values: readonly number[], maxBins = 255): number[] {
  const into = new Float32Array(256)
  const count = chooseCuts(Float32Array.from(values).sort(), maxBins, into)
  return [...into.subarray(0, count)]
}

describe('cuts', () => {
  it('tells few distinct values apart one by one', () => {
    expect(cutsOf([5, 1, 1, 3])).toEqual([2, 4])
    expect(cutsOf([7, 7, 7])).toEqual([])
    expect(cutsOf([])).toEqual([])
  })

  it('puts equal counts into bins', () => {
    const cuts = cutsOf(
      Array.from({ length: 1000 }, (_, i) => i),
      10,
    )
    expect(cuts).toEqual([99.5, 199.5, 299.5, 399.5, 499.5, 599.5, 699.5, 799.5, 899.5])
  })

  it('gives a value that fills a bin one to itself', () => {
    const values = [...new Array(500).fill(0), ...Array.from({ length: 500 }, (_, i) => i + 1), -1, -2, -3]
    const cuts = cutsOf(values, 20)
    expect(cuts).toContain(-0.5)
    expect(cuts).toContain(0.5)
    expect(cuts.length).toBe(19)
  })

  it('separates neighbouring floats', () => {
    const high = 1 + 2 ** -23
    expect(cutBetween(1, high)).toBe(1)
    expect(cutBetween(-3e38, 3e38)).toBe(0)
  })

  it('keeps cuts ascending, within the range, and at most maxBins - 1', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { maxLength: 600 }),
        fc.integer({ min: 2, max: 255 }),
        (raw, maxBins) => {
          const values = raw.map((value) => value + 0)
          const cuts = cutsOf(values, maxBins)
          expect(cuts.length).toBeLessThan(maxBins)
          for (let i = 1; i < cuts.length; i++) expect(cuts[i]!).toBeGreaterThan(cuts[i - 1]!)
          // Every bin holds a value: no cut is in vain.
          const bins = new Set(values.map((value) => cuts.filter((cut) => cut < value).length))
          expect(bins.size).toBe(values.length === 0 ? 0 : cuts.length + 1)
        },
      ),
    )
  })

  it('samples one row of each stretch', () => {
    expect([...sampleRows(4, 10, 1)]).toEqual([0, 1, 2, 3])
    const rows = sampleRows(1000, 100, 1)
    expect(rows.every((row, i) => Math.floor(row / 10) === i)).toBe(true)
    expect([...sampleRows(1000, 100, 2)]).not.toEqual([...rows])
  })
})
