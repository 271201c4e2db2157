import type { GrownNode } from '../grower/tree-grower.ts'
import { joinSets, type Trees } from './trees.ts'

/** One tree on its way into `Trees`: what was grown, with the values of its leaves. */
export interface ValuedTree {
  readonly nodes: readonly GrownNode[]
  /** One a node; 0 for inner nodes. */
  readonly values: Float32Array
}

/** What the trees are to say, in the target's units and in values of features. */
export interface TreeMeaning {
  /** The trees of a round belong to the outputs in turn. */
  readonly outputCount: number
  readonly valueScale: number
  /** The threshold above a bin. */
  cutOf(feature: number, bin: number): number
  /** Category codes by bin. */
  codesOf(feature: number): Uint32Array
}

/** Trees as they come, in flat arrays from the start: as objects thousands of nodes would take ten times the memory. */
export interface TreeList {
  add(tree: ValuedTree): void
  /** The first so many trees. */
  take(count: number): Trees
}

export function createTreeList({ outputCount, valueScale, cutOf, codesOf }: TreeMeaning): TreeList {
  let nodes = emptyNodes(1024)
  const starts = [0]
  const sets: Uint32Array[] = []
  const setEnds = [0]
  return {
    add: (tree) => {
      const begin = starts.at(-1)!
      const end = begin + tree.nodes.length
      if (end > nodes.feature.length) nodes = grown(nodes, 2 * end)
      for (const [i, node] of tree.nodes.entries()) {
        const at = begin + i
        nodes.cover[at] = node.count
        nodes.value[at] = tree.values[i]! * valueScale
        if (node.grown === undefined) continue
        const { split, left } = node.grown
        nodes.feature[at] = split.feature
        if (split.leftBins === undefined) nodes.threshold[at] = cutOf(split.feature, split.bin)
        else {
          nodes.categorySet[at] = sets.push(toCategorySet(split.leftBins, codesOf(split.feature))) - 1
          nodes.membersLeft[at] = 1
        }
        nodes.missingLeft[at] = split.missingLeft ? 1 : 0
        nodes.left[at] = left
        nodes.gain[at] = split.gain
      }
      starts.push(end)
      setEnds.push(sets.length)
    },
    take: (count) => ({
      starts: Uint32Array.from(starts.slice(0, count + 1)),
      output: Uint16Array.from({ length: count }, (_, tree) => tree % outputCount),
      sets: joinSets(sets.slice(0, setEnds[count])),
      ...firstNodes(nodes, starts[count]!),
    }),
  }
}

type Nodes = Omit<Trees, 'starts' | 'output' | 'sets'>

function emptyNodes(length: number): Nodes {
  return {
    feature: new Int32Array(length).fill(-1),
    threshold: new Float32Array(length),
    categorySet: new Int32Array(length).fill(-1),
    membersLeft: new Uint8Array(length),
    missingLeft: new Uint8Array(length),
    left: new Uint32Array(length),
    value: new Float32Array(length),
    gain: new Float32Array(length),
    cover: new Float64Array(length),
  }
}

function grown(nodes: Nodes, length: number): Nodes {
  const larger = emptyNodes(length)
  for (const name of Object.keys(nodes) as (keyof Nodes)[]) larger[name].set(nodes[name])
  return larger
}

function firstNodes(nodes: Nodes, count: number): Nodes {
  return {
    feature: nodes.feature.slice(0, count),
    threshold: nodes.threshold.slice(0, count),
    categorySet: nodes.categorySet.slice(0, count),
    membersLeft: nodes.membersLeft.slice(0, count),
    missingLeft: nodes.missingLeft.slice(0, count),
    left: nodes.left.slice(0, count),
    value: nodes.value.slice(0, count),
    gain: nodes.gain.slice(0, count),
    cover: nodes.cover.slice(0, count),
  }
}

/** Bits of bins as bits of category codes. */
function toCategorySet(bins: Uint32Array, codes: Uint32Array): Uint32Array {
  const members = codes.filter((_, bin) => ((bins[bin >> 5]! >>> (bin & 31)) & 1) === 1)
  const words = new Uint32Array((Math.max(...members) >>> 5) + 1)
  for (const code of members) words[code >>> 5]! |= 1 << (code & 31)
  return words
}
