import { FivefoldError } from '../../../core/index.ts'
import type { BoostingModel } from '../model/model.ts'
import type { Trees } from '../model/trees.ts'

/**
 * Share of what reached a split in training that went left. Of the children's covers alone, so that the shares of a
 * split sum to 1 where a model's file rounded them; one half where nothing reached either.
 */
export function leftShare(trees: Trees, tree: number, node: number): number {
  const left = trees.starts[tree]! + trees.left[node]!
  const total = trees.cover[left]! + trees.cover[left + 1]!
  return total > 0 ? trees.cover[left]! / total : 0.5
}

/**
 * Tells apart models that know how training rows fell through their trees from those that do not, such as models read
 * from ONNX.
 * @throws MODEL_INPUT where a cover is negative or not finite, or where no child of a tree's root has any
 */
export function checkCovers({ trees }: BoostingModel): void {
  const remedy = 'Pass background rows: values against a background need no covers.'
  for (let tree = 0; tree + 1 < trees.starts.length; tree++) {
    const root = trees.starts[tree]!
    for (let node = root; node < trees.starts[tree + 1]!; node++) {
      const cover = trees.cover[node]!
      if (!(cover >= 0 && cover < Infinity))
        throw new FivefoldError('MODEL_INPUT', `node ${node - root} of tree ${tree} has the cover ${cover}`, { remedy })
    }
    if (trees.feature[root]! < 0) continue
    const left = root + trees.left[root]!
    if (trees.cover[left]! + trees.cover[left + 1]! > 0) continue
    const message = `tree ${tree} of the model does not say how many training rows reached its nodes`
    throw new FivefoldError('MODEL_INPUT', message, { remedy })
  }
}

/**
 * Mean of a tree over what it was trained on, with some features held at given values: splits on these follow the
 * value, at others both sides count by their cover (Friedman, 2001, section 8.2).
 *
 * @param sideOf whether a split's value goes left; undefined where its feature is not held
 */
export function weightedTreeMean(trees: Trees, tree: number, sideOf: (node: number) => boolean | undefined): number {
  const root = trees.starts[tree]!
  const weights = new Float64Array(trees.starts[tree + 1]! - root)
  weights[0] = 1
  let sum = 0
  // Children come after their parent, so a node's weight is complete when it is met.
  for (let node = root; node < trees.starts[tree + 1]!; node++) {
    const weight = weights[node - root]!
    if (weight === 0) continue
    if (trees.feature[node]! < 0) {
      sum += weight * trees.value[node]!
      continue
    }
    const side = sideOf(node)
    const share = side === undefined ? leftShare(trees, tree, node) : side ? 1 : 0
    const left = trees.left[node]!
    weights[left]! += weight * share
    weights[left + 1]! += weight * (1 - share)
  }
  return sum
}

/** Mean score of each output over what the model was trained on, by cover. */
export function meanScores({ trees, baseScores }: BoostingModel): Float64Array {
  const means = Float64Array.from(baseScores)
  for (const [tree, output] of trees.output.entries()) means[output]! += weightedTreeMean(trees, tree, notHeld)
  return means
}

const notHeld = (): undefined => undefined
