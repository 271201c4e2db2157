import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../../../core/index.ts'
import type { Tensors } from '../model/servable.ts'
import { shapleyValues } from './shapley-values.ts'

const COLUMNS = ['a', 'b', 'c', 'd']

type Model = (row: readonly number[]) => number

const tensorsOf = (rows: readonly (readonly number[])[]): Tensors =>
  Object.fromEntries(
    COLUMNS.map((name, at) => [
      name,
      { type: 'double', shape: [rows.length, 1], data: Float64Array.from(rows, (row) => row[at]!) },
    ]),
  )

const rowsOf = (tensors: Tensors): number[][] =>
  Array.from({ length: tensors.a!.shape[0]! }, (_, row) => COLUMNS.map((name) => tensors[name]!.data[row] as number))

async function explain(model: Model, row: readonly number[], background: readonly (readonly number[])[], seed = 0) {
  const game = {
    row: tensorsOf([row]),
    score: model(row),
    background: tensorsOf(background),
    backgroundScores: background.map(model),
  }
  return shapleyValues(game, async (mixed) => rowsOf(mixed).map(model), createRng(seed))
}

/** By the definition: the average over all orders of columns, and over the background. */
function exactValues(model: Model, row: readonly number[], background: readonly (readonly number[])[]): number[] {
  const values = COLUMNS.map(() => 0)
  const orders = permutations(COLUMNS.map((_, at) => at))
  for (const origin of background)
    for (const order of orders) {
      const mixed = [...origin]
      let before = model(mixed)
      for (const column of order) {
        mixed[column] = row[column]!
        const after = model(mixed)
        values[column]! += (after - before) / orders.length / background.length
        before = after
      }
    }
  return values
}

function permutations(items: readonly number[]): number[][] {
  if (items.length < 2) return [[...items]]
  return items.flatMap((first) => permutations(items.filter((item) => item !== first)).map((rest) => [first, ...rest]))
}

const number = fc.integer({ min: -3, max: 3 })
const row = fc.tuple(number, number, number, number)
const background = fc.array(row, { minLength: 1, maxLength: 20 })
const crossed: Model = ([a, b, c, d]) => a! * b! + Math.max(c!, d!) - (a! > 1 ? c! : 0)

describe('sampled Shapley values', () => {
  it('sum with the base value to the score', async () => {
    await fc.assert(
      fc.asyncProperty(row, background, fc.nat(), async (explained, others, seed) => {
        const { baseValue, contributions } = await explain(crossed, explained, others, seed)
        const sum = contributions.reduce((total, value) => total + value, baseValue)
        expect(sum).toBeCloseTo(crossed(explained), 9)
      }),
    )
  })

  it('are exact where columns add up, whatever the order', async () => {
    const added: Model = ([a, b, c, d]) => 2 * a! - b! ** 2 + Math.abs(c!) + d!
    await fc.assert(
      fc.asyncProperty(row, background, async (explained, others) => {
        const { contributions } = await explain(added, explained, others)
        const exact = exactValues(added, explained, others)
        for (const [at, value] of contributions.entries()) expect(value).toBeCloseTo(exact[at]!, 9)
      }),
    )
  })

  it('are exact for pairs of columns, since each order is walked in reverse as well', async () => {
    const paired: Model = ([a, b, c, d]) => a! * b! + c! * d!
    await fc.assert(
      fc.asyncProperty(row, background, async (explained, others) => {
        const { contributions } = await explain(paired, explained, others)
        const exact = exactValues(paired, explained, others)
        for (const [at, value] of contributions.entries()) expect(value).toBeCloseTo(exact[at]!, 9)
      }),
    )
  })

  it('are within their standard errors of the exact ones', async () => {
    const rng = createRng(5)
    const others = Array.from({ length: 400 }, () => COLUMNS.map(() => rng.int(7) - 3))
    const explained = [3, -2, 1, 2]
    const exact = exactValues(crossed, explained, others)
    const { contributions, standardErrors } = await explain(crossed, explained, others)
    contributions.forEach((value, at) => {
      expect(Math.abs(value - exact[at]!)).toBeLessThan(4 * standardErrors[at]! + 1e-9)
      expect(standardErrors[at]).toBeLessThan(0.25)
    })
  })

  it('give nothing to a column that the model does not read, nor to one that is as everywhere', async () => {
    const { contributions } = await explain(([a, , c]) => a! * c!, [2, 3, 3, 1], [[0, 1, 3, 1]])
    expect(Array.from(contributions)).toEqual([6, 0, 0, 0])
  })

  it('are the same for the same question, and hold where a row is its own background', async () => {
    const others = [
      [1, 2, 3, 0],
      [0, -1, 2, 3],
    ]
    expect(await explain(crossed, [3, 3, 3, 3], others)).toEqual(await explain(crossed, [3, 3, 3, 3], others))
    expect(await explain(crossed, [1, 2, 3, 0], [[1, 2, 3, 0]])).toEqual({
      baseValue: crossed([1, 2, 3, 0]),
      contributions: new Float64Array(4),
      standardErrors: new Float64Array(4),
    })
  })
})
