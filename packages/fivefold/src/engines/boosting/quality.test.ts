import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FeatureMatrix, Target } from '../../data/index.ts'
import { type BoostingParams, resolveParams } from './parameters.ts'
import { predictBoosting } from './predictor/predict.ts'
import { trainSynchronously } from './training/train-synchronously.ts'
import { prepareJob } from './training/training-data.ts'

/** Shared tables lie beside the checkout, in any folder above the working directory. */
function findTables(from = process.cwd()): string | undefined {
  const candidate = join(from, '..', 'shared', 'data', 'tabular')
  if (existsSync(candidate)) return candidate
  return dirname(from) === from ? undefined : findTables(dirname(from))
}

const tables = findTables()
if (tables === undefined && process.env.CI === 'true') throw new Error('the shared tables are missing')
if (tables === undefined) console.warn('skipped: quality on shared tables, since ../shared/data is missing')

interface Rows {
  readonly features: FeatureMatrix
  readonly target: Target
}

function toMatrix(rows: readonly (readonly number[])[]): FeatureMatrix {
  const names = rows[0]!.map((_, i) => `f${i}`)
  return { rowCount: rows.length, names, values: names.map((_, f) => Float32Array.from(rows, (row) => row[f]!)) }
}

function readHiggs(file: string): Rows {
  const text = readFileSync(join(tables!, 'lightgbm-higgs7k', file), 'utf8').trim()
  const rows = text.split('\n').map((line) => line.split('\t').map(Number))
  const codes = Int32Array.from(rows, (row) => row[0]!)
  return {
    features: toMatrix(rows.map((row) => row.slice(1))),
    target: { kind: 'classes', classes: ['0', '1'], codes },
  }
}

/** The eight numeric columns of the housing table, gaps included; every fifth row is for the test. */
function readHousing(isTest: boolean): Rows {
  const [header, ...lines] = readFileSync(join(tables!, 'california-housing', 'housing.csv'), 'utf8')
    .trim()
    .split('\n')
  const columns = header!.trim().split(',')
  const price = columns.indexOf('median_house_value')
  const rows = lines
    .filter((_, i) => (i % 5 === 0) === isTest)
    .map((line) => line.split(',').map((cell) => (cell === '' ? Number.NaN : Number(cell))))
  const isFeature = (_: number, column: number): boolean => column !== price && columns[column] !== 'ocean_proximity'
  const target: Target = { kind: 'number', values: Float64Array.from(rows, (row) => row[price]!) }
  return { features: toMatrix(rows.map((row) => row.filter(isFeature))), target }
}

function fitAndPredict(train: Rows, test: Rows, params: Partial<BoostingParams>): Float64Array {
  const model = trainSynchronously(prepareJob(train, resolveParams(params), 1))
  const predictions = predictBoosting(model, test.features)
  return predictions.kind === 'number' ? predictions.values : predictions.probabilities.filter((_, i) => i % 2 === 1)
}

/** Chance that a positive row scores above a negative one. */
function areaUnderCurve(scores: Float64Array, codes: Int32Array): number {
  const order = [...scores.keys()].sort((a, b) => scores[a]! - scores[b]!)
  const positives = order.flatMap((row, rank) => (codes[row] === 1 ? [rank] : []))
  const sum = positives.reduce((total, rank) => total + rank, 0) - (positives.length * (positives.length - 1)) / 2
  return sum / (positives.length * (codes.length - positives.length))
}

/** scikit-learn 1.9.1 HistGradientBoosting (100 rounds, 31 leaves) and XGBoost 3.2.0 hist (100 rounds, depth 6), Python 3.11, same rows. */
describe.skipIf(tables === undefined)('quality on shared tables', () => {
  it.each([
    ['leaf', 0.8283],
    ['depth', 0.8354],
  ] as const)('higgs, growth by %s: AUC about the peer’s %f', (growth, peer) => {
    const test = readHiggs('binary.test')
    const params = growth === 'leaf' ? {} : { growth, maxDepth: 6, minLeafRows: 1, minLeafWeight: 1 }
    const scores = fitAndPredict(readHiggs('binary.train'), test, params)
    const auc = areaUnderCurve(scores, (test.target as { codes: Int32Array }).codes)
    // 500 test rows: the standard error of the area is about 0.018.
    expect(Math.abs(auc - peer)).toBeLessThan(0.015)
  })

  it('housing: RMSE about the peer’s 46660', () => {
    const test = readHousing(true)
    const predicted = fitAndPredict(readHousing(false), test, {})
    const truth = (test.target as { values: Float64Array }).values
    const mse = predicted.reduce((sum, value, i) => sum + (value - truth[i]!) ** 2, 0) / truth.length
    expect(Math.abs(Math.sqrt(mse) / 46_660 - 1)).toBeLessThan(0.02)
  })
})
