import type { BoostingModel } from '../model/model.ts'

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
