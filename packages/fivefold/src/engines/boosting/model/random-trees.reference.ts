import type { Rng } from '../../../core/index.ts'
import type { Trees } from './trees.ts'

// Trees for tests that are to hold for any shape of tree.

export interface RandomTreesOptions {
  readonly treeCount: number
  readonly featureCount: number
  readonly outputCount: number
  /** Features from this one on are split by category. Default none. */
  readonly firstCategorical?: number
  /** Most splits of a tree. Default 12. */
  readonly maxSplits?: number
}

/** Some are single leaves, some are chains; thresholds are small integers, some infinite. */
export function randomTrees(rng: Rng, options: RandomTreesOptions): Trees {
  const { treeCount, featureCount, outputCount, firstCategorical = featureCount, maxSplits = 12 } = options
  const starts = [0]
  const nodes: { feature: number; left: number }[] = []
  for (let tree = 0; tree < treeCount; tree++) {
    const root = nodes.length
    nodes.push({ feature: -1, left: 0 })
    for (let split = rng.int(maxSplits); split > 0; split--) {
      const leaves = nodes.flatMap((node, i) => (i >= root && node.feature < 0 ? [i] : []))
      const leaf = rng.next() < 0.5 ? leaves.at(-1)! : leaves[rng.int(leaves.length)]!
      nodes[leaf] = { feature: rng.int(featureCount), left: nodes.length - root }
      nodes.push({ feature: -1, left: 0 }, { feature: -1, left: 0 })
    }
    starts.push(nodes.length)
  }
  const isLeaf = ({ feature }: { feature: number }): boolean => feature < 0
  return {
    starts: Uint32Array.from(starts),
    feature: Int32Array.from(nodes, ({ feature }) => feature),
    left: Uint32Array.from(nodes, ({ left }) => left),
    threshold: Float32Array.from(nodes, () => (rng.next() < 0.05 ? Infinity : rng.int(10))),
    missingLeft: Uint8Array.from(nodes, () => rng.int(2)),
    value: Float32Array.from(nodes, (node) => (isLeaf(node) ? rng.normal() : 0)),
    gain: Float32Array.from(nodes, (node) => (isLeaf(node) ? 0 : rng.next())),
    cover: Float64Array.from(nodes, () => rng.int(1000)),
    output: Uint16Array.from({ length: treeCount }, () => rng.int(outputCount)),
    ...randomSets(rng, nodes, firstCategorical),
  }
}

/** Sets of one to three words, of the categories below 70. */
function randomSets(
  rng: Rng,
  nodes: readonly { readonly feature: number }[],
  firstCategorical: number,
): Pick<Trees, 'categorySet' | 'membersLeft' | 'sets'> {
  const starts = [0]
  const words: number[] = []
  const categorySet = nodes.map(({ feature }) => {
    if (feature < firstCategorical) return -1
    for (let word = rng.int(3); word >= 0; word--) words.push(rng.int(2 ** 32))
    starts.push(words.length)
    return starts.length - 2
  })
  return {
    categorySet: Int32Array.from(categorySet),
    membersLeft: Uint8Array.from(nodes, () => rng.int(2)),
    sets: { starts: Uint32Array.from(starts), words: Uint32Array.from(words) },
  }
}
