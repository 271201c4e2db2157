import { FivefoldError } from '../../../core/index.ts'
import type { BoostingModel } from '../model/model.ts'

/** Of the largest score that the trees can sum to. */
const TOLERANCE = 1e-10

/** By how much the sum of an output's values may miss the score. */
export function additivityLimits({ trees, baseScores }: BoostingModel): Float64Array {
  const largest = Float64Array.from(baseScores, Math.abs)
  for (const [tree, output] of trees.output.entries()) {
    let top = 0
    for (let node = trees.starts[tree]!; node < trees.starts[tree + 1]!; node++)
      if (trees.feature[node]! < 0) top = Math.max(top, Math.abs(trees.value[node]!))
    largest[output]! += top
  }
  return largest.map((score) => score * TOLERANCE)
}

interface ExplainedScores {
  /** Row-major, the same number of values for each score. */
  readonly values: Float64Array
  /** Row-major [rows x outputs]. */
  readonly scores: Float64Array
  readonly baseValues: Float64Array
}

/**
 * Holds the sum of each score's values, for rows from `begin` to before `end`, against what the predictor says.
 * @throws INTERNAL where they differ by more than the limit of the output
 */
export function checkAdditivity(
  { values, scores, baseValues }: ExplainedScores,
  limits: Float64Array,
  begin: number,
  end: number,
): void {
  const outputCount = baseValues.length
  const width = values.length / scores.length
  for (let i = begin * outputCount; i < end * outputCount; i++) {
    let sum = baseValues[i % outputCount]!
    for (let at = i * width; at < (i + 1) * width; at++) sum += values[at]!
    if (Math.abs(sum - scores[i]!) <= limits[i % outputCount]!) continue
    const row = Math.floor(i / outputCount)
    throw new FivefoldError('INTERNAL', `the values that explain row ${row} sum to ${sum}, its score is ${scores[i]}`)
  }
}
