import { createRng } from '../../../core/index.ts'
import type { FeatureMatrix } from '../../../data/index.ts'
import type { BoostingModel } from '../model/model.ts'
import { randomTrees } from '../model/random-trees.reference.ts'
import type { Trees } from '../model/trees.ts'
import { resolveParams } from '../parameters.ts'

// What explanations are tested on.

/** A model around trees; features are f0, f1, ..., of which those from `firstCategorical` on are category codes. */
export function modelOf(trees: Trees, baseScores: number[], featureCount: number, firstCategorical = featureCount) {
  const featureNames = Array.from({ length: featureCount }, (_, i) => `f${i}`)
  const isSingle = baseScores.length === 1
  return {
    kind: 'boosting',
    featureNames,
    objective: isSingle ? 'squared' : 'softmax',
    classes: isSingle ? [] : baseScores.map((_, i) => `class ${i}`),
    categoricalFeatures: featureNames.slice(firstCategorical),
    baseScores,
    trees,
    params: resolveParams({}),
    history: { train: [], validation: [] },
    bestRound: 1,
  } as const satisfies BoostingModel
}

export function matrixOf(rows: readonly (readonly number[])[], featureCount: number): FeatureMatrix {
  const names = Array.from({ length: featureCount }, (_, i) => `f${i}`)
  return {
    rowCount: rows.length,
    names,
    values: names.map((_, i) => Float32Array.from(rows, (row) => row[i]!)),
  }
}

export const FEATURE_COUNT = 4
const FIRST_CATEGORICAL = 2
const NUMBERS = [-Infinity, 0.5, 2, 3, 5.5, 8, Infinity, Number.NaN]
const CODES = [0, 1, 5, 31, 32, 40, 69, 95, 200, -1, 0.5, Number.NaN]

/** Some trees over two numbers and two categories, and rows for them with values of every kind. */
export function randomCase(seed: number, outputCount: number) {
  const rng = createRng(seed)
  const options = { treeCount: 6, featureCount: FEATURE_COUNT, firstCategorical: FIRST_CATEGORICAL, outputCount }
  const trees = randomTrees(rng, options)
  const model = modelOf(trees, [0.5, -1, 2].slice(0, outputCount), FEATURE_COUNT, FIRST_CATEGORICAL)
  const pick = (pool: readonly number[]): number => pool[rng.int(pool.length)]!
  const rowsOf = (count: number) =>
    Array.from({ length: count }, () => [pick(NUMBERS), pick(NUMBERS), pick(CODES), pick(CODES)])
  return { model, rowsOf }
}
