import { FivefoldError } from '../../../../core/index.ts'
import { type Draft, type DraftLeaf, type DraftSplit, isSplit, type Members } from '../draft/draft-tree.ts'

/** `decision_type` of a split with missing values as NaN, to the right. */
const BY_THRESHOLD = 8
const DEFAULT_LEFT = 2
const BY_CATEGORY = 1

/** The lines of a tree behind `Tree=`. */
export function lightgbmTreeText(root: Draft, shrinkage: number): string {
  const { splits, leaves, children } = numberNodes(root)
  const sets: Members[] = splits.flatMap(({ members }) => (members ? [members] : []))
  const boundaries = [0]
  for (const { length } of sets) boundaries.push(boundaries.at(-1)! + length)
  let set = 0
  const lines: [string, readonly (number | string)[]][] = [
    ['num_leaves', [leaves.length]],
    ['num_cat', [sets.length]],
    ['split_feature', splits.map(({ feature }) => feature)],
    ['split_gain', splits.map(({ gain }) => gain)],
    ['threshold', splits.map(({ members, threshold }) => (members ? set++ : thresholdText(threshold)))],
    ['decision_type', splits.map(decisionType)],
    ['left_child', children.map(([left]) => left)],
    ['right_child', children.map(([, right]) => right)],
    ['leaf_value', leaves.map(({ value }) => value)],
    ['leaf_weight', leaves.map(({ cover }) => cover)],
    ['leaf_count', leaves.map(({ cover }) => Math.round(cover))],
    ['internal_value', splits.map(() => 0)],
    ['internal_weight', splits.map(({ cover }) => cover)],
    ['internal_count', splits.map(({ cover }) => Math.round(cover))],
    ...(sets.length === 0
      ? []
      : ([
          ['cat_boundaries', boundaries],
          ['cat_threshold', sets.flatMap((words) => [...words])],
        ] satisfies [string, number[]][])),
    ['is_linear', [0]],
    ['shrinkage', [shrinkage]],
  ]
  return lines.map(([key, values]) => `${key}=${values.join(' ')}\n`).join('')
}

/** Infinity as C++ reads it: what is infinite goes by it as it does here. */
function thresholdText(threshold: number): number | string {
  if (Number.isFinite(threshold)) return threshold
  return threshold > 0 ? 'inf' : '-inf'
}

function decisionType({ members, missingLeft }: DraftSplit): number {
  return members ? BY_CATEGORY : BY_THRESHOLD | (missingLeft ? DEFAULT_LEFT : 0)
}

interface Numbered {
  readonly splits: readonly DraftSplit[]
  readonly leaves: readonly DraftLeaf[]
  /** Of each split; leaf i is -1 - i. */
  readonly children: readonly (readonly [number, number])[]
}

/** Rewriting splits may take so many times the nodes of a tree. */
const MAX_NODES = 2 ** 20

function numberNodes(root: Draft): Numbered {
  const nodes: Draft[] = [rewritten(root)]
  const numbers: number[] = []
  const splits: DraftSplit[] = []
  const leaves: DraftLeaf[] = []
  const firstChild: number[] = []
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i]!
    if (!isSplit(node)) {
      numbers.push(-leaves.push(node))
      continue
    }
    numbers.push(splits.push(node) - 1)
    firstChild.push(nodes.length)
    nodes.push(rewritten(node.left), rewritten(node.right))
    if (nodes.length > MAX_NODES)
      throw new FivefoldError(
        'MODEL_UNSUPPORTED',
        'splits by category that send missing values with their members take too many nodes as LightGBM says them',
      )
  }
  return { splits, leaves, children: firstChild.map((first) => [numbers[first]!, numbers[first + 1]!] as const) }
}

/**
 * LightGBM sends members left, and missing values with all others right. Where members go right, the sides are changed; where
 * missing values go with the members, a split before sends them to a copy of the members' side.
 */
function rewritten(node: Draft): Draft {
  if (!isSplit(node) || node.members === undefined) return node
  const { left, right, membersLeft, missingLeft } = node
  const [members, others] = membersLeft ? [left, right] : [right, left]
  const split: DraftSplit = { ...node, left: members, right: others, membersLeft: true, missingLeft: false }
  if (membersLeft !== missingLeft) return split
  const { feature, cover } = node
  return { feature, threshold: Infinity, missingLeft: false, left: split, right: members, gain: 0, cover }
}
