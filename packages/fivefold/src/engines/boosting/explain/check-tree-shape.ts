import { FivefoldError } from '../../../core/index.ts'
import type { Trees } from '../model/trees.ts'

/**
 * Prediction walks one way through a tree and can bear nodes with two parents; explanation walks them all, and would
 * walk such a graph for ever.
 * @throws MODEL_INPUT where a node has not exactly one parent
 */
export function checkTreeShape({ starts, feature, left }: Trees): void {
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    const root = starts[tree]!
    const parents = new Uint8Array(starts[tree + 1]! - root)
    for (let node = 0; node < parents.length; node++) {
      if (feature[root + node]! < 0) continue
      const child = left[root + node]!
      if (parents[child]! + parents[child + 1]! > 0)
        throw new FivefoldError('MODEL_INPUT', `in tree ${tree} of the model node ${child} has two parents`)
      parents[child] = 1
      parents[child + 1] = 1
    }
  }
}
