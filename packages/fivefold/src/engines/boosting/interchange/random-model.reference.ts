import type { Rng } from '../../../core/index.ts'
import type { FeatureMatrix } from '../../../data/index.ts'
import { linkOf, type ObjectiveName } from '../loss/objective.ts'
import type { BoostingModel } from '../model/model.ts'
import { randomTrees } from '../model/random-trees.reference.ts'
import { resolveParams } from '../parameters.ts'

const FEATURES = ['amount', 'size in m2', 'colour']

/** A model of random trees; its last feature is split by category. */
export function randomModel(rng: Rng, objective: ObjectiveName, missingGoesWithOthers = false): BoostingModel {
  const link = linkOf(objective)
  const outputCount = link === 'softmax' ? 3 : 1
  const options = { treeCount: 9, featureCount: 3, outputCount, firstCategorical: 2 }
  const trees = randomTrees(rng, options)
  const missingLeft = missingGoesWithOthers ? trees.membersLeft.map((left) => 1 - left) : trees.missingLeft
  return {
    kind: 'boosting',
    featureNames: FEATURES,
    objective,
    classes: link === 'logistic' ? ['no', 'yes'] : link === 'softmax' ? ['red', 'green', 'blue'] : [],
    categoricalFeatures: ['colour'],
    baseScores: Array.from({ length: outputCount }, () => rng.normal() * 3),
    trees: { ...trees, missingLeft },
    params: resolveParams({ rounds: 3 }),
    history: { train: [], validation: [] },
    bestRound: 3,
  }
}

/** Rows on and beside every threshold of `randomTrees`, with gaps, and with categories that no set has. */
export function probingRows(rng: Rng, rowCount: number): FeatureMatrix {
  const gap = (value: number): number => (rng.next() < 0.15 ? Number.NaN : value)
  return {
    rowCount,
    names: FEATURES,
    values: [
      Float32Array.from({ length: rowCount }, () => gap(rng.int(21) / 2 - 0.5)),
      Float32Array.from({ length: rowCount }, () => gap(rng.int(10) + 1e-6 * (rng.int(3) - 1))),
      Float32Array.from({ length: rowCount }, () => gap(rng.int(110))),
    ],
  }
}
