import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createContext } from '../core/index.ts'
import { sqlColumns } from './column-sql.ts'
import { profileColumns } from './column-statistics.ts'
import { profileFrame } from './frame-statistics.ts'
import { withTable } from './testing-tables.ts'

const context = createContext({ seed: 1 })

describe('column statistics', () => {
  it('agree with scipy and numpy', async () => {
    // scipy.stats.skew(bias=False), numpy std(ddof=1) and quantile.
    const v = [1.5, 2, 2.5, 3, 3.5, 8, 7, 6, 5.5, 9, 1, 4, 7.5, 2.2, 3.3, 4.4, 1.1, 8.8, 7.7, 5]
    await withTable({ v }, async (table) => {
      const [profile] = profileFrame(table, await table.read(), await sqlColumns(table), new Set())
      const numeric = profile!.numeric!
      expect(numeric.skewness).toBeCloseTo(0.2605560110674783, 10)
      expect(numeric.sd).toBeCloseTo(2.6440598767007812, 10)
      const { p01, p05, p25, p50, p75, p95, p99 } = numeric
      const expected = [1.019, 1.095, 2.425, 4.2, 7.125, 8.81, 8.962]
      for (const [i, value] of [p01, p05, p25, p50, p75, p95, p99].entries())
        expect(value).toBeCloseTo(expected[i]!, 10)
    })
  })

  it('are the same by SQL and in memory', async () => {
    const gappy = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 6, nil: null })
    const row = fc.record({
      whole: gappy(fc.integer({ min: -20, max: 20 })),
      real: gappy(fc.integer({ min: -9999, max: 9999 }).map((value) => value / 8)),
      heavy: gappy(fc.integer({ min: 0, max: 30 }).map((power) => 1.5 ** power)),
      text: gappy(fc.constantFrom('a', 'B', 'é', '😀 x', 'a"b')),
      flag: gappy(fc.constantFrom('true', 'false')),
      day: gappy(fc.constantFrom('2020-01-01', '2021-05-07', '2020-02-29')),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 30, maxLength: 60 }), async (rows) => {
        const names = ['whole', 'real', 'heavy', 'text', 'flag', 'day'] as const
        const columns = Object.fromEntries(names.map((name) => [name, rows.map((entry) => entry[name])]))
        await withTable(columns, async (table) => {
          const sql = await sqlColumns(table)
          const bySql = await profileColumns(table, sql, new Set(['day']), context)
          const inMemory = profileFrame(table, await table.read(), sql, new Set(['day']))
          expect(rounded(inMemory)).toEqual(rounded(bySql))
        })
      }),
      { numRuns: 8, seed: 20, endOnFailure: true },
    )
  })

  it('bear any column name and values at the edge of doubles', async () => {
    const columns = { 'a"b; DROP TABLE stored': [1e308, -1e308, 5e-324, 0, 1], "x'y": ['', 'b', 'c', 'c', 'd'] }
    await withTable(columns, async (table) => {
      const sql = await sqlColumns(table)
      const profiles = await profileColumns(table, sql, new Set(), context)
      expect(profiles.map(({ name, present }) => [name, present])).toEqual([
        ['a"b; DROP TABLE stored', 5],
        ["x'y", 4],
      ])
      expect(JSON.parse(JSON.stringify(profiles))).toEqual(profiles)
    })
  })
})

/** Sums are added up in another order: all but the last digits are compared. */
function rounded(value: unknown): unknown {
  const round = (entry: number): number => (Math.abs(entry) < 1e-9 ? 0 : Number(entry.toPrecision(9)))
  return JSON.parse(JSON.stringify(value), (_, entry: unknown) => (typeof entry === 'number' ? round(entry) : entry))
}
