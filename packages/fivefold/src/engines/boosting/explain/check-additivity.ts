import { FivefoldError } from '../../../core/index.ts'
import type { BoostingModel } from '../model/model.ts'
import type { Attributions } from './explain-boosting.ts'

/** Of the largest score that the trees can sum to. */
const TOLERANCE = 1e-10

/**
 * Holds the sum of each score's values against what the predictor says of the row.
 *
 * @param width values a score
 * @throws INTERNAL where they differ by more than 1e-10 of the largest possible score
 */
export function checkAdditivity(
  model: BoostingModel,
  { values, scores, baseValues }: Pick<Attributions, 'values' | 'scores' | 'baseValues'>,
  width: number,
): void {
  const limits = largestScores(model).map((score) => score * TOLERANCE)
  const outputCount = baseValues.length
  for (let i = 0; i < scores.length; i++) {
    let sum = baseValues[i % outputCount]!
    for (let at = i * width; at < (i + 1) * width; at++) sum += values[at]!
    if (Math.abs(sum - scores[i]!) <= limits[i % outputCount]!) continue
    const row = Math.floor(i / outputCount)
    throw new FivefoldError('INTERNAL', `the values that explain row ${row} sum to ${sum}, its score is ${scores[i]}`)
  }
}

function largestScores({ trees, baseScores }: BoostingModel): Float64Array {
  const largest = Float64Array.from(baseScores, Math.abs)
  for (const [tree, output] of trees.output.entries()) {
    let top = 0
    for (let node = trees.starts[tree]!; node < trees.starts[tree + 1]!; node++)
      if (trees.feature[node]! < 0) top = Math.max(top, Math.abs(trees.value[node]!))
    largest[output]! += top
  }
  return largest
}
