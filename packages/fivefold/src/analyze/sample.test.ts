import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createContext } from '../core/index.ts'
import { sampleRows } from './sample.ts'

describe('sampleRows', () => {
  it('takes as many distinct rows as asked, in order, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), fc.nat(), (rowCount, size, seed) => {
        const rows = sampleRows(rowCount, size, createContext({ seed }))
        expect(rows.length).toBe(Math.min(rowCount, size))
        for (const [i, row] of rows.entries()) expect(row).toBeGreaterThan(i === 0 ? -1 : rows[i - 1]!)
        for (const row of rows) expect(row).toBeLessThan(rowCount)
        expect(sampleRows(rowCount, size, createContext({ seed }))).toEqual(rows)
      }),
    )
  })

  it('takes every row equally often', () => {
    const taken = new Float64Array(20)
    for (let seed = 0; seed < 4000; seed++) for (const row of sampleRows(20, 5, createContext({ seed }))) taken[row]!++
    // Expected 1000 each, standard deviation 27.
    for (const count of taken) expect(Math.abs(count - 1000)).toBeLessThan(130)
  })
})
