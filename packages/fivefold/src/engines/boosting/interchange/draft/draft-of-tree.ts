import type { Trees } from '../../model/trees.ts'
import type { Draft } from './draft-tree.ts'

/** A tree of a model as a draft, so that it can be rewritten for a format that says splits otherwise. */
export function draftOfTree(trees: Trees, tree: number): Draft {
  const begin = trees.starts[tree]!
  const drafts: Draft[] = []
  for (let node = trees.starts[tree + 1]! - begin - 1; node >= 0; node--)
    drafts[node] = draftOfNode(trees, begin, node, drafts)
  return drafts[0]!
}

function draftOfNode(trees: Trees, begin: number, node: number, drafts: readonly Draft[]): Draft {
  const at = begin + node
  const cover = trees.cover[at]!
  if (trees.feature[at]! < 0) return { value: trees.value[at]!, cover }
  const set = trees.categorySet[at]!
  const left = trees.left[at]!
  const split = {
    feature: trees.feature[at]!,
    threshold: trees.threshold[at]!,
    missingLeft: trees.missingLeft[at] === 1,
    left: drafts[left]!,
    right: drafts[left + 1]!,
    gain: trees.gain[at]!,
    cover,
  }
  if (set < 0) return split
  const members = trees.sets.words.subarray(trees.sets.starts[set]!, trees.sets.starts[set + 1]!)
  return { ...split, members, membersLeft: trees.membersLeft[at] === 1 }
}
