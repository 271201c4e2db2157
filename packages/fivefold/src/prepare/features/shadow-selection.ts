import { FivefoldError, type Rng } from '../../core/index.ts'
import { allocateFeature, type FeatureMatrix } from '../../data/index.ts'

export interface ShadowSelectionOptions {
  /** Trains on the matrix and gives one importance a feature, in its order. */
  readonly importances: (matrix: FeatureMatrix, round: number) => Promise<ArrayLike<number>>
  readonly rng: Rng
  /** Default 20. */
  readonly rounds?: number
  /** Chance that a useless feature is kept, before correction for the number of features. Default 0.05. */
  readonly significance?: number
}

export interface ShadowSelection {
  /** Indexes of the features that beat the shadows more often than chance, ascending. */
  readonly kept: readonly number[]
  /** In how many rounds each feature was above the best shadow. */
  readonly hits: readonly number[]
  readonly rounds: number
}

/**
 * Keeps features that are worth more than noise: in every round each feature gets a shadow, a copy with its rows permuted,
 * and scores a hit where its importance exceeds that of the best shadow. Hits are held against a fair coin with
 * Bonferroni correction (Kursa and Rudnicki, "Feature Selection with the Boruta Package", 2010).
 */
export async function shadowSelection(
  matrix: FeatureMatrix,
  options: ShadowSelectionOptions,
): Promise<ShadowSelection> {
  const rounds = options.rounds ?? 20
  const count = matrix.values.length
  const hits = new Array<number>(count).fill(0)
  for (let round = 0; round < rounds; round++) {
    const importances = await options.importances(withShadows(matrix, options.rng.fork(`shadow ${round}`)), round)
    if (importances.length !== 2 * count)
      throw new FivefoldError('TRAIN_INPUT', `${importances.length} importances for ${2 * count} features`)
    let best = Number.NEGATIVE_INFINITY
    for (let i = count; i < 2 * count; i++) best = Math.max(best, importances[i]!)
    for (let i = 0; i < count; i++) if (importances[i]! > best) hits[i]!++
  }
  const level = (options.significance ?? 0.05) / count
  const kept = [...hits.keys()].filter((i) => coinTail(hits[i]!, rounds) <= level)
  return { kept, hits, rounds }
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

/** Probability of at least `hits` heads in `rounds` throws of a fair coin. */
function coinTail(hits: number, rounds: number): number {
  let probability = 0.5 ** rounds
  let tail = 0
  for (let k = 0; k <= rounds; k++) {
    if (k >= hits) tail += probability
    probability *= (rounds - k) / (k + 1)
  }
  return tail
}
