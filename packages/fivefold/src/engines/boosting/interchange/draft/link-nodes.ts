import { FivefoldError } from '../../../../core/index.ts'
import type { Draft } from './draft-tree.ts'

/** A tree in a file: numbered nodes that name their children. */
export interface NumberedNodes {
  /** For messages: 'tree 3'. */
  readonly name: string
  readonly count: number
  /** Left and right child, undefined for a leaf. */
  childrenOf(node: number): readonly [number, number] | undefined
  /** The node as a draft; children come only with splits. */
  draftOf(node: number, children: readonly [Draft, Draft] | undefined): Draft
}

/**
 * Follows the children from node `root` and links them. Nodes out of reach are left out. Neither the depth nor the order of
 * the nodes matters.
 * @throws MODEL_UNREADABLE where a child is not there or has two parents, as in a loop
 */
export function linkNodes(tree: NumberedNodes, root = 0): Draft {
  const order = [root]
  const seen = new Uint8Array(tree.count)
  const enter = (node: number): void => {
    if (!Number.isInteger(node) || node < 0 || node >= tree.count)
      throw new FivefoldError('MODEL_UNREADABLE', `${tree.name} names node ${node} of its ${tree.count}`)
    if (seen[node] === 1) throw new FivefoldError('MODEL_UNREADABLE', `${tree.name} comes to node ${node} twice`)
    seen[node] = 1
  }
  enter(root)
  for (let i = 0; i < order.length; i++) {
    const children = tree.childrenOf(order[i]!)
    if (children === undefined) continue
    for (const child of children) enter(child)
    order.push(...children)
  }
  const drafts: Draft[] = new Array(tree.count)
  for (const node of order.reverse()) {
    const children = tree.childrenOf(node)
    drafts[node] = tree.draftOf(node, children && [drafts[children[0]]!, drafts[children[1]]!])
  }
  return drafts[root]!
}
