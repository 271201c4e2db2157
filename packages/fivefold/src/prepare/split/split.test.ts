import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createContext, createRng } from '../../core/index.ts'
import { type Column, frameOf, type RowIndex, type Table, type Target } from '../../data/index.ts'
import { foldsOf, planSplit, type SplitOptions } from './index.ts'

/** A table that is only asked for columns. */
function tableOfColumns(rowCount: number, columns: Record<string, Column>, datetimes: readonly string[] = []): Table {
  const described = Object.keys(columns).map((name) => ({
    name,
    type: datetimes.includes(name) ? ('datetime' as const) : ('number' as const),
    tensor: 'double' as const,
    nullable: true,
    evidence: 'declared',
  }))
  const unused = (): never => {
    throw new Error('not part of this test')
  }
  return {
    location: 'memory',
    schema: { columns: described },
    rowCount,
    read: (names = []) => Promise.resolve({ rowCount, columns: new Map(names.map((name) => [name, columns[name]!])) }),
    contentHash: unused,
    scan: unused,
    query: unused,
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

function classTarget(codes: readonly number[], classes = 4): Target {
  return { kind: 'classes', classes: Array.from({ length: classes }, (_, k) => `c${k}`), codes: Int32Array.from(codes) }
}

const numberColumn = (values: readonly number[]): Column => ({ kind: 'number', values: Float64Array.from(values) })
const seeded = (seed: number) => createContext({ seed })
const codesArbitrary = fc.array(fc.integer({ min: -1, max: 3 }), { minLength: 10, maxLength: 300 })

function expectDisjointAndComplete(sides: readonly RowIndex[], expected: readonly number[]): void {
  expect([...sides.flatMap((side) => [...side])].sort((a, b) => a - b)).toEqual(expected)
  for (const side of sides) expect([...side]).toEqual([...side].sort((a, b) => a - b))
}

describe('random split', () => {
  it('is disjoint, complete, stratified within a row, and the same for the same seed', async () => {
    await fc.assert(
      fc.asyncProperty(
        codesArbitrary,
        fc.double({ min: 0.1, max: 0.9, noNaN: true }),
        fc.nat(),
        async (codes, testFraction, seed) => {
          const present = codes.flatMap((code, row) => (code >= 0 ? [row] : []))
          fc.pre(present.length >= 2)
          const table = tableOfColumns(codes.length, {})
          const target = classTarget(codes)
          const options: SplitOptions = { kind: 'random', testFraction }
          const split = await planSplit(table, options, target, seeded(seed))
          expectDisjointAndComplete([split.train, split.test], present)
          for (let code = 0; code < 4; code++) {
            const total = present.filter((row) => codes[row] === code).length
            const test = [...split.test].filter((row) => codes[row] === code).length
            expect(Math.abs(test - total * testFraction)).toBeLessThanOrEqual(1)
          }
          expect(await planSplit(table, options, target, seeded(seed))).toEqual(split)
          expect(split.protocol.excludedRows).toBe(codes.length - present.length)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('gives the class with one row to training', async () => {
    const target = classTarget([0, 0, 0, 0, 0, 0, 0, 0, 0, 1], 2)
    const split = await planSplit(tableOfColumns(10, {}), { kind: 'random', testFraction: 0.9 }, target, seeded(1))
    expect([...split.train]).toContain(9)
  })

  it('refuses shares outside (0, 1) and tables without targets', async () => {
    const table = tableOfColumns(3, {})
    const none: Target = { kind: 'number', values: Float64Array.of(Number.NaN, Number.NaN, Number.NaN) }
    await expect(planSplit(table, { kind: 'random', testFraction: 1 }, none, seeded(0))).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    })
    await expect(planSplit(table, { kind: 'random' }, none, seeded(0))).rejects.toMatchObject({
      code: 'SPLIT_IMPOSSIBLE',
    })
  })

  it('divides three million rows', async () => {
    const values = new Float64Array(3_000_000)
    const split = await planSplit(
      tableOfColumns(values.length, {}),
      { kind: 'random' },
      { kind: 'number', values },
      seeded(3),
    )
    expect(split.test.length).toBe(600_000)
  })
})

describe('time split', () => {
  it('never has an instant on both sides', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 12 }), { minLength: 5, maxLength: 80 }), async (times) => {
        fc.pre(new Set(times).size > 1)
        const target: Target = { kind: 'number', values: Float64Array.from(times, (_, row) => row) }
        const table = tableOfColumns(times.length, { when: numberColumn(times) })
        const { train, test, protocol } = await planSplit(table, { kind: 'time', column: 'when' }, target, seeded(0))
        expectDisjointAndComplete(
          [train, test],
          times.map((_, row) => row),
        )
        expect(Math.max(...[...train].map((row) => times[row]!))).toBeLessThan(
          Math.min(...[...test].map((row) => times[row]!)),
        )
        expect(protocol.cut).toBe(Math.min(...[...test].map((row) => times[row]!)))
      }),
    )
  })

  it('cuts at a given date, read as UTC', async () => {
    const days = Array.from({ length: 10 }, (_, day) => Date.UTC(2012, 5, 26 + day))
    const table = tableOfColumns(10, { day: numberColumn(days) }, ['day'])
    const target: Target = { kind: 'number', values: Float64Array.from(days) }
    for (const cut of ['2012-07-01', '2012-07-01T00:00:00', '2012-07-01T02:00:00+02:00']) {
      const { test, protocol } = await planSplit(table, { kind: 'time', column: 'day', cut }, target, seeded(0))
      expect([...test]).toEqual([5, 6, 7, 8, 9])
      expect(protocol).toMatchObject({ kind: 'time', timeColumn: 'day', cut: '2012-07-01T00:00:00.000Z' })
    }
  })

  it('refuses missing times and a single instant', async () => {
    const target: Target = { kind: 'number', values: Float64Array.of(1, 2, 3) }
    const table = tableOfColumns(3, { gap: numberColumn([1, Number.NaN, 2]), same: numberColumn([4, 4, 4]) })
    for (const column of ['gap', 'same'])
      await expect(planSplit(table, { kind: 'time', column }, target, seeded(0))).rejects.toMatchObject({
        code: 'SPLIT_IMPOSSIBLE',
      })
  })
})

describe('group split', () => {
  it('never has a group on both sides', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 20 }), { minLength: 5, maxLength: 120 }),
        fc.nat(),
        async (groups, seed) => {
          fc.pre(new Set(groups).size > 1)
          const target: Target = { kind: 'number', values: Float64Array.from(groups) }
          const table = tableOfColumns(groups.length, { user: numberColumn(groups) })
          const { train, test } = await planSplit(table, { kind: 'group', column: 'user' }, target, seeded(seed))
          expectDisjointAndComplete(
            [train, test],
            groups.map((_, row) => row),
          )
          const trained = new Set([...train].map((row) => groups[row]))
          expect([...test].some((row) => trained.has(groups[row]))).toBe(false)
        },
      ),
    )
  })
})

describe('foldsOf', () => {
  it('validates every row once, classes within a row of their share', () => {
    fc.assert(
      fc.property(codesArbitrary, fc.integer({ min: 2, max: 6 }), fc.nat(), (codes, k, seed) => {
        const rows = Uint32Array.from(codes.flatMap((code, row) => (code >= 0 ? [row] : [])))
        fc.pre(rows.length >= k)
        const folds = foldsOf(rows, { k, stratify: classTarget(codes) }, createRng(seed))
        expectDisjointAndComplete(
          folds.map((fold) => fold.validation),
          [...rows],
        )
        for (const { train, validation } of folds) {
          expectDisjointAndComplete([train, validation], [...rows])
          for (let code = 0; code < 4; code++) {
            const total = [...rows].filter((row) => codes[row] === code).length
            const here = [...validation].filter((row) => codes[row] === code).length
            expect(Math.abs(here - total / k)).toBeLessThan(1)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('keeps groups whole', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 15 }), { minLength: 10, maxLength: 100 }), fc.nat(), (groups, seed) => {
        fc.pre(new Set(groups).size >= 3)
        const rows = Uint32Array.from(groups, (_, row) => row)
        for (const { train, validation } of foldsOf(rows, { k: 3, groups: numberColumn(groups) }, createRng(seed))) {
          const trained = new Set([...train].map((row) => groups[row]))
          expect([...validation].some((row) => trained.has(groups[row]))).toBe(false)
        }
      }),
    )
  })

  it('chains forward in time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 30 }), { minLength: 8, maxLength: 100 }),
        fc.integer({ min: 2, max: 5 }),
        (times, k) => {
          fc.pre(new Set(times).size > k)
          const rows = Uint32Array.from(times, (_, row) => row)
          const column = { kind: 'number' as const, values: Float64Array.from(times) }
          const folds = foldsOf(rows, { k, time: column }, createRng(0))
          expect(folds).toHaveLength(k)
          let validated = 0
          for (const { train, validation } of folds) {
            expect(train.length).toBeGreaterThan(0)
            expect(validation.length).toBeGreaterThan(0)
            expect(Math.max(...[...train].map((row) => times[row]!))).toBeLessThan(
              Math.min(...[...validation].map((row) => times[row]!)),
            )
            validated += validation.length
          }
          expect(validated + folds[0]!.train.length).toBe(rows.length)
        },
      ),
    )
  })

  it('refuses what cannot be', () => {
    const rows = Uint32Array.of(0, 1, 2)
    const { columns } = frameOf({ g: [1, 1, 1] })
    expect(() => foldsOf(rows, { k: 1 }, createRng(0))).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    expect(() => foldsOf(rows, { k: 4 }, createRng(0))).toThrow(expect.objectContaining({ code: 'SPLIT_IMPOSSIBLE' }))
    expect(() => foldsOf(rows, { k: 2, groups: columns.get('g')! }, createRng(0))).toThrow(
      expect.objectContaining({ code: 'SPLIT_IMPOSSIBLE' }),
    )
  })
})
