import type { BoostingModel } from '../model/model.ts'
import type { Attributions } from './explain-boosting.ts'

export interface FeatureImportance {
  readonly name: string
  /** Share of the summed gain of all splits that this feature's splits made; shares add up to 1 where any split is. */
  readonly gain: number
  /** Number of splits on the feature. */
  readonly splits: number
  /** Mean number of training rows that reached these splits; 0 where there is none. */
  readonly cover: number
}

/**
 * How much each feature contributed to the trees, highest gain first.
 * Gain counts what training saw: it favours features with many distinct values and says nothing about causes.
 */
export function featureImportance(model: BoostingModel): FeatureImportance[] {
  const { trees, featureNames } = model
  const sums = featureNames.map((name) => ({ name, gain: 0, splits: 0, cover: 0 }))
  let total = 0
  for (let node = 0; node < trees.feature.length; node++) {
    const sum = sums[trees.feature[node]!]
    if (sum === undefined) continue
    sum.gain += trees.gain[node]!
    sum.splits++
    sum.cover += trees.cover[node]!
    total += trees.gain[node]!
  }
  return sums
    .map(({ name, gain, splits, cover }) => ({
      name,
      gain: total > 0 ? gain / total : 0,
      splits,
      cover: splits > 0 ? cover / splits : 0,
    }))
    .sort((a, b) => b.gain - a.gain)
}

export interface AttributionImportance {
  readonly name: string
  /**
   * Mean over the rows of the attribution's magnitude, in units of the score; of several outputs, their sum. In contrast to
   * gain it is of the rows that were explained, which may be others than those trained on.
   */
  readonly meanAbsolute: number
  /** The same for each output alone. */
  readonly byOutput: readonly number[]
}

/** How far each feature moved the scores of the explained rows, on average; the furthest first. All 0 without rows. */
export function attributionImportance(attributions: Attributions): AttributionImportance[] {
  const { featureNames, outputNames, rowCount, values } = attributions
  const width = featureNames.length
  const stride = outputNames.length * width
  const sums = new Float64Array(stride)
  for (let i = 0; i < values.length; i++) sums[i % stride]! += Math.abs(values[i]!)
  return featureNames
    .map((name, feature) => {
      const byOutput = outputNames.map((_, output) => sums[output * width + feature]! / Math.max(1, rowCount))
      return { name, meanAbsolute: byOutput.reduce((a, b) => a + b, 0), byOutput }
    })
    .sort((a, b) => b.meanAbsolute - a.meanAbsolute)
}
