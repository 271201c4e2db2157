import { type Draft, type DraftTree, isSplit } from './draft-tree.ts'

/**
 * Takes the mean of each output's first tree out of its leaves and into the base score. Libraries that keep their starting
 * score in the leaves leave large numbers there, of which float32 would lose the small differences.
 */
export function unfoldBase(
  trees: readonly DraftTree[],
  outputCount: number,
): { baseScores: number[]; trees: DraftTree[] } {
  const baseScores = Array.from({ length: Math.min(outputCount, 65_536) }, () => 0)
  const unfolded = trees.map((tree, i) => {
    if (i >= outputCount) return tree
    const base = meanOf(tree.root)
    baseScores[tree.output] = base
    return { ...tree, root: mapLeaves(tree.root, (value) => value - base) }
  })
  return { baseScores, trees: unfolded }
}

/** Over training rows where they were counted, otherwise over leaves. */
function meanOf(root: Draft): number {
  const leaves = nodesOf(root).filter((node) => !isSplit(node)) as { value: number; cover: number }[]
  const rows = leaves.reduce((sum, { cover }) => sum + cover, 0)
  const weightOf = (cover: number): number => (rows > 0 ? cover / rows : 1 / leaves.length)
  return leaves.reduce((sum, { value, cover }) => sum + value * weightOf(cover), 0)
}

/** Parents before children; a shared subtree comes once. */
function nodesOf(root: Draft): Draft[] {
  const nodes = new Set<Draft>([root])
  for (const node of nodes) if (isSplit(node)) nodes.add(node.left).add(node.right)
  return [...nodes]
}

/** The tree with other leaf values; subtrees stay shared. */
export function mapLeaves(root: Draft, change: (value: number) => number): Draft {
  const changed = new Map<Draft, Draft>()
  const pending: Draft[] = [root]
  while (pending.length > 0) {
    const node = pending.at(-1)!
    if (!isSplit(node)) changed.set(node, { ...node, value: change(node.value) })
    else {
      const children = [node.left, node.right].filter((child) => !changed.has(child))
      if (children.length > 0) {
        pending.push(...children)
        continue
      }
      changed.set(node, { ...node, left: changed.get(node.left)!, right: changed.get(node.right)! })
    }
    pending.pop()
  }
  return changed.get(root)!
}
