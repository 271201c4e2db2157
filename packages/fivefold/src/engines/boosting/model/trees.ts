import type { GrownNode } from '../grower/tree-grower.ts'

/** Trees one after the other in flat arrays; tree t belongs to output t modulo the number of outputs. */
export interface Trees {
  /** Where each tree's nodes begin, and where the last one's end. A tree's first node is its root. */
  readonly starts: Uint32Array
  /** Feature tested, -1 for a leaf. */
  readonly feature: Int32Array
  /** Values at most this go left. */
  readonly threshold: Float32Array
  /** 1 where missing values go left. */
  readonly missingLeft: Uint8Array
  /** Left child, counted from the root of the tree; the right child follows it. */
  readonly left: Uint32Array
  /** What a leaf adds to the score. */
  readonly value: Float32Array
  /** What a split gained, in the loss of the trainer's units. */
  readonly gain: Float32Array
  /** Training rows that reached the node. */
  readonly cover: Uint32Array
}

/** One tree on its way into `Trees`: what was grown, with the values of its leaves. */
export interface ValuedTree {
  readonly nodes: readonly GrownNode[]
  /** One a node; 0 for inner nodes. */
  readonly values: Float32Array
}

/** @param cutOf the threshold that stands for a bin of a feature */
export function flattenTrees(
  trees: readonly ValuedTree[],
  valueScale: number,
  cutOf: (feature: number, bin: number) => number,
): Trees {
  const starts = Uint32Array.from({ length: trees.length + 1 })
  for (const [i, tree] of trees.entries()) starts[i + 1] = starts[i]! + tree.nodes.length
  const size = starts[trees.length]!
  const flat = {
    starts,
    feature: new Int32Array(size).fill(-1),
    threshold: new Float32Array(size),
    missingLeft: new Uint8Array(size),
    left: new Uint32Array(size),
    value: new Float32Array(size),
    gain: new Float32Array(size),
    cover: new Uint32Array(size),
  }
  for (const [t, { nodes, values }] of trees.entries()) {
    for (const [i, node] of nodes.entries()) {
      const at = starts[t]! + i
      flat.cover[at] = node.count
      flat.value[at] = values[i]! * valueScale
      if (node.grown === undefined) continue
      const { split, left } = node.grown
      flat.feature[at] = split.feature
      flat.threshold[at] = cutOf(split.feature, split.bin)
      flat.missingLeft[at] = split.missingLeft ? 1 : 0
      flat.left[at] = left
      flat.gain[at] = split.gain
    }
  }
  return flat
}
