import { readFileSync } from 'node:fs'
import type { FeatureMatrix } from '../../../data/index.ts'
import type { BoostingModel } from '../model/model.ts'
import { predictBoosting } from '../predictor/predict.ts'
import { scoreRows } from '../predictor/score-rows.ts'

// Models that other libraries trained, with what they predict. Written by interop/python/write_boosting_fixtures.py.

type Numbers = readonly (number | readonly number[])[]

export interface GoldenCase {
  readonly name: string
  readonly params: Readonly<Record<string, unknown>>
  readonly predictions: Numbers
  /** Before the link. */
  readonly scores: Numbers
  readonly json?: unknown
  readonly text?: string
  readonly ubjBase64?: string
}

interface GoldenFile {
  /** Library and version. */
  readonly writtenBy: string
  readonly features: readonly string[]
  readonly categorical: readonly number[]
  readonly rows: readonly (readonly (number | null)[])[]
  readonly cases: readonly GoldenCase[]
}

export interface Golden {
  readonly writtenBy: string
  readonly matrix: FeatureMatrix
  readonly categorical: readonly number[]
  readonly cases: readonly GoldenCase[]
}

export function readGolden(library: 'xgboost' | 'lightgbm' | 'catboost'): Golden {
  const path = new URL(`./fixtures/${library}.json`, import.meta.url)
  const { rows, features, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as GoldenFile
  const values = features.map((_, feature) => Float32Array.from(rows, (row) => row[feature] ?? Number.NaN))
  return { ...rest, matrix: { rowCount: rows.length, names: features, values } }
}

/** The largest difference from what the library predicted and scored, as a share of 1 or of the value where that is more. */
export function differenceFrom(
  golden: Pick<GoldenCase, 'predictions' | 'scores'>,
  model: BoostingModel,
  matrix: FeatureMatrix,
): number {
  const predicted = predictBoosting(model, matrix)
  const ours = predicted.kind === 'number' ? predicted.values : predicted.probabilities
  const theirs = golden.predictions.flat()
  // Binary models of others give the probability of the second class alone.
  const step = ours.length / theirs.length
  return Math.max(
    largestDifference(theirs, (i) => ours[i * step + step - 1]!),
    largestDifference(golden.scores.flat(), (i) => scoreRows(model, matrix)[i]!),
  )
}

function largestDifference(theirs: readonly number[], ours: (i: number) => number): number {
  return Math.max(...theirs.map((value, i) => Math.abs(value - ours(i)) / Math.max(1, Math.abs(value))))
}
