import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { BoostingModel } from '../model/model.ts'
import { explainBoosting, explainInteractions } from './explain-boosting.ts'
import { matrixOf, modelOf } from './explained-model.reference.ts'
import { partialDependence } from './partial-dependence.ts'

// Small models of other libraries with what these libraries say of them; each file names library and version. Trees were
// copied out of the libraries' dumps; where XGBoost tests x < t, the threshold is the float32 before t.

/** Arrays of one value a node; `sets` holds the categories that go left, null in splits by threshold. */
interface GoldenTrees {
  readonly starts: number[]
  readonly output: number[]
  readonly feature: number[]
  readonly threshold: number[]
  readonly missingLeft: number[]
  readonly left: number[]
  readonly value: number[]
  readonly cover: number[]
  readonly sets: (number[] | null)[]
}

interface GoldenModel {
  readonly provenance: string
  readonly baseScores: number[]
  readonly featureCount: number
  readonly categorical?: number[]
  readonly trees: GoldenTrees
  /** null is missing. */
  readonly rows: (number | null)[][]
}

/** The other libraries compute in float32. */
const FLOAT_TOLERANCE = 1e-5
const TOLERANCE = 1e-6

function load<Expected>(name: string): GoldenModel & Expected {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'))
}

function goldenModel({ trees, baseScores, featureCount, categorical = [] }: GoldenModel): BoostingModel {
  const words: number[] = []
  const starts = [0]
  const categorySet = trees.sets.map((codes) => {
    if (!codes) return -1
    const set = new Uint32Array(2)
    for (const code of codes) set[code >>> 5]! |= 1 << (code & 31)
    words.push(...set)
    starts.push(words.length)
    return starts.length - 2
  })
  const model = modelOf(
    {
      starts: Uint32Array.from(trees.starts),
      output: Uint16Array.from(trees.output),
      feature: Int32Array.from(trees.feature),
      threshold: Float32Array.from(trees.threshold),
      missingLeft: Uint8Array.from(trees.missingLeft),
      left: Uint32Array.from(trees.left),
      value: Float32Array.from(trees.value),
      cover: Float64Array.from(trees.cover),
      gain: new Float32Array(trees.feature.length),
      categorySet: Int32Array.from(categorySet),
      membersLeft: Uint8Array.from(trees.sets, (codes) => (codes ? 1 : 0)),
      sets: { starts: Uint32Array.from(starts), words: Uint32Array.from(words) },
    },
    baseScores,
    featureCount,
  )
  return { ...model, categoricalFeatures: categorical.map((feature) => model.featureNames[feature]!) }
}

function matrixFrom(rows: readonly (readonly (number | null)[])[], featureCount: number) {
  return matrixOf(
    rows.map((row) => row.map((value) => value ?? Number.NaN)),
    featureCount,
  )
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length)
  for (const [i, value] of expected.entries())
    expect(Math.abs(actual[i]! - value), `value ${i}`).toBeLessThan(tolerance * Math.max(1, Math.abs(value)))
}

describe('explanations agree', () => {
  interface XgboostExpected {
    readonly contributions: number[]
    readonly bias: number[]
    readonly interactions: number[]
    readonly background: (number | null)[][]
    readonly interventional: number[]
    readonly interventionalBase: number[]
  }
  const xgboost = load<XgboostExpected>('xgboost')

  it('with pred_contribs of XGBoost, for three classes and missing values', async () => {
    const rows = matrixFrom(xgboost.rows, xgboost.featureCount)
    const { values, baseValues } = await explainBoosting(goldenModel(xgboost), rows)
    expectClose(values, xgboost.contributions, FLOAT_TOLERANCE)
    expectClose(baseValues, xgboost.bias, FLOAT_TOLERANCE)
  })

  it('with pred_interactions of XGBoost', async () => {
    const rows = matrixFrom(xgboost.rows, xgboost.featureCount)
    const { values } = await explainInteractions(goldenModel(xgboost), rows)
    expectClose(values, xgboost.interactions, FLOAT_TOLERANCE)
  })

  it('with interventional values of the shap package', async () => {
    const rows = matrixFrom(xgboost.rows, xgboost.featureCount)
    const background = matrixFrom(xgboost.background, xgboost.featureCount)
    const { values, baseValues } = await explainBoosting(goldenModel(xgboost), rows, { background })
    expectClose(values, xgboost.interventional, TOLERANCE)
    expectClose(baseValues, xgboost.interventionalBase, TOLERANCE)
  })

  it('with pred_contrib of LightGBM, for categories, some of them unseen, and missing values', async () => {
    const lightgbm = load<{ contributions: number[]; bias: number[] }>('lightgbm')
    const rows = matrixFrom(lightgbm.rows, lightgbm.featureCount)
    const { values, baseValues } = await explainBoosting(goldenModel(lightgbm), rows)
    expectClose(values, lightgbm.contributions, TOLERANCE)
    expectClose(baseValues, lightgbm.bias, TOLERANCE)
  })

  it('with partial dependence of scikit-learn, by rows and by recursion, of one feature and two', async () => {
    const golden = load<{
      cases: { features: number[]; grid: number[][]; mean: number[]; individual: number[]; recursion: number[] }[]
    }>('scikit-learn')
    const model = goldenModel(golden)
    const sample = matrixFrom(golden.rows, golden.featureCount)
    expect(golden.cases).toHaveLength(2)
    for (const expected of golden.cases) {
      const features = expected.features.map((feature) => model.featureNames[feature]!) as [string]
      const grid = expected.grid.map((values) => Float32Array.from(values))
      const byRows = await partialDependence(model, sample, { features, grid, individual: true })
      expectClose(byRows.mean, expected.mean, TOLERANCE)
      expectClose(byRows.individual!, expected.individual, TOLERANCE)
      const byCovers = await partialDependence(model, sample, { features, grid, method: 'recursion' })
      expectClose(byCovers.mean, expected.recursion, TOLERANCE)
    }
  })
})
