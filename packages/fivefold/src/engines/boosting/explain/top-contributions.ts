import { FivefoldError } from '../../../core/index.ts'
import type { FeatureMatrix } from '../../../data/index.ts'
import type { Attributions } from './explain-boosting.ts'

/** What one feature's value did to a score. */
export interface Contribution {
  readonly name: string
  /** The feature's value in the row; NaN is missing. */
  readonly value: number
  readonly contribution: number
}

/** Why a row has its score: base value, the largest contributions and what the other features add, in sum the score. */
export interface RowExplanation {
  readonly row: number
  readonly outputName: string
  readonly score: number
  readonly baseValue: number
  /** Largest magnitude first; features that contribute nothing are left out. */
  readonly contributions: readonly Contribution[]
  readonly others: number
}

const DEFAULT_COUNT = 5

/**
 * The features that moved each score most: one explanation a row and output, in that order.
 *
 * @param features the rows that were explained
 * @param count most contributions of an explanation. Default 5
 * @throws MODEL_INPUT where the features are not those that were explained, OPTION_INVALID for a count below one
 */
export function topContributions(
  attributions: Attributions,
  features: FeatureMatrix,
  count = DEFAULT_COUNT,
): RowExplanation[] {
  const { featureNames, outputNames, rowCount } = attributions
  if (!(Number.isInteger(count) && count >= 1))
    throw new FivefoldError('OPTION_INVALID', `contributions a row: ${count}, expected a whole number from 1`)
  const isSame = features.rowCount === rowCount && featureNames.every((name, i) => name === features.names[i])
  if (!isSame) throw new FivefoldError('MODEL_INPUT', 'the features are not the rows that the attributions explain')
  return Array.from({ length: rowCount * outputNames.length }, (_, i) =>
    explainRow(attributions, features, Math.floor(i / outputNames.length), i % outputNames.length, count),
  )
}

function explainRow(
  { values, scores, baseValues, featureNames, outputNames }: Attributions,
  features: FeatureMatrix,
  row: number,
  output: number,
  count: number,
): RowExplanation {
  const at = row * outputNames.length + output
  const ofRow = values.subarray(at * featureNames.length, (at + 1) * featureNames.length)
  const order = Array.from(ofRow.keys()).sort((a, b) => Math.abs(ofRow[b]!) - Math.abs(ofRow[a]!))
  const top = order.slice(0, count).filter((feature) => ofRow[feature] !== 0)
  const others = order.slice(top.length).reduce((sum, feature) => sum + ofRow[feature]!, 0)
  return {
    row,
    outputName: outputNames[output]!,
    score: scores[at]!,
    baseValue: baseValues[output]!,
    contributions: top.map((feature) => ({
      name: featureNames[feature]!,
      value: features.values[feature]![row]!,
      contribution: ofRow[feature]!,
    })),
    others,
  }
}
