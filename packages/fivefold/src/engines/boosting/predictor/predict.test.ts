import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '../../../core/index.ts'
import { referenceScore } from '../kernels/kernels.reference.ts'
import type { BoostingModel } from '../model/model.ts'
import { randomTrees } from '../model/random-trees.reference.ts'
import { resolveParams } from '../parameters.ts'
import { predictBoosting } from './predict.ts'
import { createRowScorer } from './row-scorer.ts'
import { scoreRows } from './score-rows.ts'

const FEATURES = ['a', 'b', 'c']

function randomModel(seed: number, outputCount: number, byCategory: boolean, maxSplits: number): BoostingModel {
  const treeCount = 11
  const firstCategorical = byCategory ? 1 : FEATURES.length
  const options = { treeCount, featureCount: FEATURES.length, outputCount, maxSplits, firstCategorical }
  return {
    kind: 'boosting',
    featureNames: FEATURES,
    objective: outputCount === 1 ? 'squared' : 'softmax',
    classes: outputCount === 1 ? [] : ['x', 'y', 'z'].slice(0, outputCount),
    categoricalFeatures: FEATURES.slice(firstCategorical),
    baseScores: [0.5, -1, 2].slice(0, outputCount),
    trees: randomTrees(createRng(seed), options),
    params: resolveParams({}),
    history: { train: [], validation: [] },
    bestRound: 1,
  }
}

const value = fc.constantFrom(
  ...Array.from({ length: 11 }, (_, i) => i - 0.5),
  ...[3, -0, 0, 31, 32, 33, 63, 64, 69, 96, 1e9, 2 ** 40],
  ...[Number.NaN, Number.NaN, Infinity, -Infinity],
)
const anyModel = fc.tuple(fc.nat(1e6), fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.constantFrom(2, 6, 30))

describe('prediction', () => {
  it('sums what each row’s leaves hold, whatever the shape of the trees', () => {
    fc.assert(
      fc.property(
        anyModel,
        fc.integer({ min: 0, max: 130 }),
        fc.array(value, { minLength: 9, maxLength: 9 }),
        (shape, rowCount, pool) => {
          const model = randomModel(...shape)
          const { trees, baseScores } = model
          const values = [1, 2, 5].map((step) =>
            Float32Array.from({ length: rowCount }, (_, i) => pool[(i * step) % 9]!),
          )
          const scores = scoreRows(model, { rowCount, names: FEATURES, values })
          expect(scores.length).toBe(rowCount * baseScores.length)
          for (const [i, score] of scores.entries()) {
            const output = i % baseScores.length
            const row = values.map((column) => column[Math.floor(i / baseScores.length)]!)
            expect(score).toBe(referenceScore(trees, output, baseScores[output]!, row))
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('gives a row what it gives it among others', () => {
    fc.assert(
      fc.property(anyModel, fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 20 }), (shape, rows) => {
        const model = randomModel(...shape)
        const values = FEATURES.map((_, feature) => Float32Array.from(rows, (row) => row[feature]!))
        const all = predictBoosting(model, { rowCount: rows.length, names: FEATURES, values })
        const numbers = all.kind === 'number' ? all.values : all.probabilities
        const scoreRow = createRowScorer(model)
        expect(rows.flatMap((row) => [...scoreRow(row)])).toEqual([...numbers])
        expect(scoreRow(rows[0]!)).toEqual(scoreRow(rows[0]!))
      }),
      { numRuns: 200 },
    )
  })

  it('takes no row of another length', () => {
    const scoreRow = createRowScorer(randomModel(1, 1, false, 6))
    expect(() => scoreRow([1, 2])).toThrow('a row has 2 values, the model takes 3')
  })
})
