import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createContext, createRng, type Rng } from '../../../core/index.ts'
import { boostingModelToJson } from '../model/model-json.ts'
import { binary, matrix, numbers, predicted, train } from './tables.reference.ts'
import { trainBoosting } from './train-boosting.ts'

/** Categories whose effects have nothing to do with their codes. */
function categoryTable(rowCount: number, levels: number, seed: number) {
  const rng = createRng(seed)
  return tableOf(
    Float32Array.from({ length: rowCount }, () => rng.int(levels)),
    levels,
    rng,
  )
}

/** No two categories of one frequency: bins, which follow frequencies, do not hang on names. */
function unevenTable(levels: number, seed: number) {
  const rng = createRng(seed)
  const codes = Array.from({ length: levels }, (_, level) => new Array<number>(10 + level).fill(level)).flat()
  return tableOf(Float32Array.from(rng.shuffle(codes)), levels, rng)
}

function tableOf(code: Float32Array, levels: number, rng: Rng) {
  const effect = Array.from({ length: levels }, () => rng.normal())
  const x = Float32Array.from(code, () => rng.normal())
  const signal = Float64Array.from(code, (c, i) => 2 * effect[c]! + x[i]! + 0.3 * rng.normal())
  return { features: matrix({ code, x }), signal, effect }
}

describe('categories', () => {
  it('are grouped by what they do, which thresholds on codes need many splits for', () => {
    const { features, signal } = categoryTable(5000, 60, 1)
    const data = { features, target: numbers(signal) }
    const params = { rounds: 20, minCategoryRows: 20 }
    const mse = (categorical: string[]): number => train({ ...data, categorical }, params).history.train.at(-1)!
    expect(mse(['code'])).toBeLessThan(0.75 * mse([]))
  })

  it('may be renamed without changing what is predicted', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 2, max: 40 }), (seed, levels) => {
        const { features, signal } = unevenTable(levels, seed)
        const renamed = createRng(seed).shuffle(Array.from({ length: levels }, (_, i) => i * 7))
        const other = { ...features, values: [features.values[0]!.map((c) => renamed[c]!), features.values[1]!] }
        const middle = signal.slice().sort()[signal.length >> 1]!
        const target = binary(Array.from(signal, (value) => Number(value > middle)))
        const params = { rounds: 10, minCategoryRows: 5, minLeafRows: 5 }
        const fit = (table: typeof features) =>
          predicted(train({ features: table, target, categorical: ['code'] }, params), table)
        expect(fit(other)).toEqual(fit(features))
      }),
      { numRuns: 20 },
    )
  })

  it('that training did not see go where missing values go', () => {
    const { features, signal } = categoryTable(2000, 30, 4)
    const data = { features, target: numbers(signal), categorical: ['code'] }
    const model = train(data, { rounds: 30, minCategoryRows: 10 })
    expect([...model.trees.categorySet].some((set) => set >= 0)).toBe(true)
    const [known, unseen, missing, negative] = predicted(
      model,
      matrix({ code: [3, 1000, Number.NaN, -1], x: [0.5, 0.5, 0.5, 0.5] }),
    )
    expect(unseen).toBe(missing)
    expect(negative).toBe(missing)
    expect(known).not.toBe(missing)
  })

  it('of 10,000 levels keep bins for the frequent ones', () => {
    const rng = createRng(8)
    const code = Float32Array.from({ length: 20_000 }, () => (rng.next() < 0.5 ? rng.int(50) : rng.int(10_000)))
    const target = numbers(Array.from(code, (c) => (c < 50 ? (c * 37) % 11 : 5)))
    const model = train(
      { features: matrix({ code }), target, categorical: ['code'] },
      { rounds: 50, minCategoryRows: 10 },
    )
    const guesses = predicted(model, matrix({ code: [3, 4, 7, 9999] }))
    for (const [i, expected] of [(3 * 37) % 11, (4 * 37) % 11, (7 * 37) % 11, 5].entries())
      expect(Math.abs(guesses[i]! - expected)).toBeLessThan(1.5)
  })

  it('give the same model for any number of threads, followed by validation rows', async () => {
    const { features, signal } = categoryTable(60_000, 200, 6)
    const target = binary(Array.from(signal, (value) => Number(value > 0)))
    const data = { features, target, categorical: ['code'], validation: { features, target } }
    const texts = await Promise.all(
      [1, 2].map(async (threads) =>
        JSON.stringify(
          boostingModelToJson(await trainBoosting(data, { rounds: 5, rowSample: 0.7 }, createContext({ threads }))),
        ),
      ),
    )
    expect(texts[0] === texts[1]).toBe(true)
    const { history } = JSON.parse(texts[0]!) as { history: { train: number[]; validation: number[] } }
    // The same rows by another way: training rows by partition, validation rows by walking the tree.
    for (const [i, loss] of history.train.entries()) expect(Math.abs(loss - history.validation[i]!)).toBeLessThan(1e-6)
  })

  it('may have the largest code that float32 counts to', () => {
    const code = Float32Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 2 ** 24 - 1 : 3))
    const target = numbers(Array.from(code, (c) => (c === 3 ? 1 : 5)))
    const model = train({ features: matrix({ code }), target, categorical: ['code'] }, { rounds: 50 })
    const [large, small] = predicted(model, matrix({ code: [2 ** 24 - 1, 3] }))
    expect([Math.round(large!), Math.round(small!)]).toEqual([5, 1])
  })

  it('have to be whole numbers', () => {
    const target = numbers([1, 2])
    expect(() => train({ features: matrix({ code: [0.5, 1] }), target, categorical: ['code'] })).toThrow(/0.5 in row 0/)
    expect(() => train({ features: matrix({ code: [1, -2] }), target, categorical: ['code'] })).toThrow(/-2 in row 1/)
    expect(() => train({ features: matrix({ code: [1, 2] }), target, categorical: ['kind'] })).toThrow(/'kind'/)
  })
})
