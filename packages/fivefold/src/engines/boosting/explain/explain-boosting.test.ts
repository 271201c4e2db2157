import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createContext, createRng, type ProgressEvent } from '../../../core/index.ts'
import { referenceScore } from '../kernels/kernels.reference.ts'
import { randomTrees } from '../model/random-trees.reference.ts'
import type { Trees } from '../model/trees.ts'
import { scoreRows } from '../predictor/score-rows.ts'
import { explainBoosting, explainInteractions } from './explain-boosting.ts'
import { FEATURE_COUNT, matrixOf, modelOf, randomCase } from './explained-model.reference.ts'
import { backgroundWorth, coverWorth, shapInteractions, shapleyValues } from './shapley.reference.ts'

const CASES = [fc.nat(1e6), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 5 })] as const
const F = FEATURE_COUNT

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-10): void {
  expect(actual.length).toBe(expected.length)
  for (const [i, value] of expected.entries()) expect(Math.abs(actual[i]! - value)).toBeLessThan(tolerance)
}

describe('attributions', () => {
  it('are the Shapley values of covers, for any trees', async () => {
    await fc.assert(
      fc.asyncProperty(...CASES, async (seed, outputCount, rowCount) => {
        const { model, rowsOf } = randomCase(seed, outputCount)
        const rows = rowsOf(rowCount)
        const { values, baseValues, method } = await explainBoosting(model, matrixOf(rows, F))
        expect(method).toBe('pathDependent')
        const expected = rows.flatMap((row) =>
          model.baseScores.flatMap((base, output) => {
            const worth = coverWorth(model.trees, output, base, row)
            expect(baseValues[output]).toBeCloseTo(worth(0), 10)
            return shapleyValues(worth, F)
          }),
        )
        expectClose(values, expected)
      }),
    )
  })

  it('are the Shapley values of replacement by background rows, for any trees', async () => {
    await fc.assert(
      fc.asyncProperty(...CASES, fc.integer({ min: 1, max: 5 }), async (seed, outputCount, rowCount, others) => {
        const { model, rowsOf } = randomCase(seed, outputCount)
        const rows = rowsOf(rowCount)
        const background = rowsOf(others)
        const explained = await explainBoosting(model, matrixOf(rows, F), { background: matrixOf(background, F) })
        expect(explained.method).toBe('interventional')
        const expected = rows.flatMap((row) =>
          model.baseScores.flatMap((base, output) => {
            const scoreOf = (mixed: number[]) => referenceScore(model.trees, output, base, mixed)
            return shapleyValues(backgroundWorth(scoreOf, row, background), F)
          }),
        )
        expectClose(explained.values, expected)
      }),
    )
  })

  it('sum to the scores of deep trees whose paths repeat features or hold more of them than masks do', async () => {
    for (const [featureCount, maxSplits] of [
      [3, 300],
      [40, 120],
    ] as const) {
      const rng = createRng(featureCount)
      const trees = randomTrees(rng, { treeCount: 8, featureCount, outputCount: 1, maxSplits })
      const model = modelOf(trees, [1], featureCount)
      const rows = Array.from({ length: 60 }, () =>
        Array.from({ length: featureCount }, () => (rng.next() < 0.1 ? Number.NaN : rng.int(11) - 0.5)),
      )
      const matrix = matrixOf(rows, featureCount)
      const background = matrixOf(rows.slice(20), featureCount)
      const scores = scoreRows(model, matrix)
      for (const options of [{}, { background }]) {
        const { values, baseValues } = await explainBoosting(model, matrix, options)
        const sums = rows.map((_, row) => {
          const ofRow = values.subarray(row * featureCount, (row + 1) * featureCount)
          return ofRow.reduce((a, b) => a + b, baseValues[0]!)
        })
        expectClose(sums, [...scores], 1e-9)
      }
    }
  })

  it('of a conjunction of many features are equal shares, beyond what masks hold too', async () => {
    for (const length of [3, 16, 17, 40]) {
      const model = modelOf(conjunction(length), [0], length)
      const rows = [new Array<number>(length).fill(1)]
      const { values } = await explainBoosting(model, matrixOf(rows, length))
      // Covers are halved at each split: of the value 1 the training rows have 2^-length.
      expectClose(values, new Array<number>(length).fill((1 - 2 ** -length) / length))
      const background = matrixOf([new Array<number>(length).fill(0)], length)
      const against = await explainBoosting(model, matrixOf(rows, length), { background })
      expectClose(against.values, new Array<number>(length).fill(1 / length))
    }
  })

  it('withstand a chain deeper than the stack', async () => {
    const model = modelOf(conjunction(20_000, 3), [0], 3)
    const { values, baseValues } = await explainBoosting(model, matrixOf([[1, 1, 1]], 3))
    expectClose(values, [1 / 3, 1 / 3, 1 / 3])
    expect(baseValues[0]).toBeCloseTo(0, 10)
  })

  it('are the same from worker threads, with progress', async () => {
    const rng = createRng(3)
    const trees = randomTrees(rng, {
      treeCount: 60,
      featureCount: 6,
      firstCategorical: 4,
      outputCount: 2,
      maxSplits: 60,
    })
    const model = modelOf(trees, [0, 1], 6, 4)
    const rows = Array.from({ length: 20_000 }, () => Array.from({ length: 6 }, () => rng.int(80) / 2 - 1))
    const events: ProgressEvent[] = []
    const context = createContext({ threads: 3, progress: (event) => events.push(event) })
    const all = await explainBoosting(model, matrixOf(rows, 6), {}, context)
    expect(events.at(-1)).toEqual({ stage: 'explain', done: events.length, total: events.length })
    expect(events.length).toBeGreaterThan(1)
    for (const begin of [0, 8190, 19_990]) {
      const few = await explainBoosting(model, matrixOf(rows.slice(begin, begin + 10), 6))
      expect(all.values.slice(begin * 12, (begin + 10) * 12)).toEqual(few.values)
    }
  })

  it('stop where they are cancelled, before the start or in workers', async () => {
    const { model, rowsOf } = randomCase(5, 1)
    const aborted = createContext({ signal: AbortSignal.abort() })
    await expect(explainBoosting(model, matrixOf(rowsOf(2), F), {}, aborted)).rejects.toThrow(/CANCELLED|interrupted/)
    const controller = new AbortController()
    const context = createContext({ signal: controller.signal, progress: () => controller.abort() })
    const many = matrixOf(rowsOf(400_000), F)
    await expect(explainBoosting(model, many, {}, context)).rejects.toThrow(/CANCELLED|interrupted/)
  })

  it('refuse other features, an empty background, a model without covers, a graph that is no tree', async () => {
    const { model, rowsOf } = randomCase(8, 1)
    const matrix = matrixOf(rowsOf(2), F)
    const refused = async (explained: Promise<unknown>, message: RegExp) =>
      await expect(explained).rejects.toMatchObject({ code: 'MODEL_INPUT', message: expect.stringMatching(message) })
    await refused(explainBoosting(model, matrixOf([[1]], 1)), /expects the features/)
    await refused(explainBoosting(model, matrix, { background: matrixOf([[1]], 1) }), /expects the features/)
    await refused(explainBoosting(model, matrix, { background: matrixOf([], F) }), /no rows/)
    const uncovered = { ...model, trees: { ...model.trees, cover: new Float64Array(model.trees.cover.length) } }
    await refused(explainBoosting(uncovered, matrix), /how many training rows/)
    await refused(explainInteractions(uncovered, matrix), /how many training rows/)
    await expect(explainBoosting(uncovered, matrix, { background: matrix })).resolves.toBeDefined()
    const negative = { ...model, trees: { ...model.trees, cover: model.trees.cover.map((cover) => -cover) } }
    await refused(explainBoosting(negative, matrix), /has the cover -/)
    const shared = { ...conjunction(2), left: Uint32Array.of(1, 0, 3, 0, 0), feature: Int32Array.of(0, 1, 0, -1, -1) }
    const graph = modelOf({ ...shared, left: Uint32Array.of(1, 3, 3, 0, 0) }, [0], 2)
    await refused(explainBoosting(graph, matrixOf([[1, 1]], 2)), /two parents/)
  })
})

describe('interactions', () => {
  it('are those of the definition, symmetric, and sum to the attributions', async () => {
    await fc.assert(
      fc.asyncProperty(...CASES, async (seed, outputCount, rowCount) => {
        const { model, rowsOf } = randomCase(seed, outputCount)
        const rows = rowsOf(rowCount)
        const { values } = await explainInteractions(model, matrixOf(rows, F))
        const attributions = await explainBoosting(model, matrixOf(rows, F))
        const expected = rows.flatMap((row) =>
          model.baseScores.flatMap((base, output) =>
            shapInteractions(coverWorth(model.trees, output, base, row), F).flat(),
          ),
        )
        expectClose(values, expected)
        for (const [i, value] of attributions.values.entries())
          expect(values.subarray(i * F, (i + 1) * F).reduce((a, b) => a + b)).toBeCloseTo(value, 10)
      }),
    )
  })
})

/** A tree whose value is 1 where all of `length` tests of f0, f1, ... (in turn) are passed by values above 0.5, else 0. */
function conjunction(length: number, featureCount = length): Trees {
  const size = 2 * length + 1
  // Nodes 0, 2, 4, ... are the splits; the last one is the leaf that passed them all.
  const isSplit = (node: number): boolean => node % 2 === 0 && node < 2 * length
  const numbers = (of: (node: number) => number): number[] => Array.from({ length: size }, (_, node) => of(node))
  return {
    starts: Uint32Array.of(0, size),
    output: Uint16Array.of(0),
    feature: Int32Array.from(numbers((node) => (isSplit(node) ? (node / 2) % featureCount : -1))),
    threshold: new Float32Array(size).fill(0.5),
    categorySet: new Int32Array(size).fill(-1),
    membersLeft: new Uint8Array(size),
    sets: { starts: new Uint32Array(1), words: new Uint32Array(0) },
    missingLeft: new Uint8Array(size),
    left: Uint32Array.from(numbers((node) => (isSplit(node) ? node + 1 : 0))),
    value: Float32Array.from(numbers((node) => (node === 2 * length ? 1 : 0))),
    gain: new Float32Array(size),
    cover: Float64Array.from(numbers(() => 1)),
  }
}
