import { FivefoldError, type Rng } from '../../core/index.ts'
import { allocateFeature, type FeatureMatrix } from '../../data/index.ts'

export interface ShadowSelectionOptions {
  /** Trains on the matrix and gives one importance a feature, in its order. */
  readonly importances: (matrix: FeatureMatrix, round: number) => Promise<ArrayLike<number>>
  readonly rng: Rng
  /** Default 20; at least 1 / significance - 1. */
  readonly rounds?: number
  /** Chance that any useless feature is kept; raise it to lose fewer weak ones. Default 0.05. */
  readonly significance?: number
}

export interface ShadowSelection {
  /** Indexes of the features that are worth more than noise, ascending. */
  readonly kept: readonly number[]
  /** In how many rounds each feature was above the best shadow. */
  readonly hits: readonly number[]
  readonly rounds: number
}

/**
 * Keeps features that are worth more than noise: in every round each feature gets a shadow, a copy with its rows permuted
 * (Kursa and Rudnicki, "Feature Selection with the Boruta Package", 2010), and scores a hit where its importance exceeds
 * that of the best shadow. The share of rounds without a hit is the p-value of a max-T permutation test (Westfall and
 * Young, 1993), which holds for all features at once; Boruta's own test against a fair coin does not.
 */
export async function shadowSelection(
  matrix: FeatureMatrix,
  options: ShadowSelectionOptions,
): Promise<ShadowSelection> {
  const rounds = options.rounds ?? 20
  const significance = options.significance ?? 0.05
  if (!(rounds + 1 >= 1 / significance && significance < 1))
    throw new FivefoldError('OPTION_INVALID', `${rounds} rounds cannot show a significance of ${significance}`)
  const hits = new Array<number>(matrix.values.length).fill(0)
  for (let round = 0; round < rounds; round++) {
    const importances = await options.importances(withShadows(matrix, options.rng.fork(`shadow ${round}`)), round)
    countHits(importances, hits)
  }
  const kept = [...hits.keys()].filter((i) => (1 + rounds - hits[i]!) / (1 + rounds) <= significance)
  return { kept, hits, rounds }
}

function countHits(importances: ArrayLike<number>, hits: number[]): void {
  const count = hits.length
  if (importances.length !== 2 * count)
    throw new FivefoldError('TRAIN_INPUT', `${importances.length} importances for ${2 * count} features`)
  let best = Number.NEGATIVE_INFINITY
  for (let i = count; i < 2 * count; i++) best = Math.max(best, importances[i]!)
  for (let i = 0; i < count; i++) if (importances[i]! > best) hits[i]!++
}

function withShadows(matrix: FeatureMatrix, rng: Rng): FeatureMatrix {
  const shadows = matrix.values.map((values) => {
    const order = rng.shuffle(Uint32Array.from(values.keys()))
    const shadow = allocateFeature(values.length)
    for (let i = 0; i < shadow.length; i++) shadow[i] = values[order[i]!]!
    return shadow
  })
  return {
    rowCount: matrix.rowCount,
    names: [...matrix.names, ...matrix.names.map((name) => `shadow of ${name}`)],
    values: [...matrix.values, ...shadows],
  }
}
