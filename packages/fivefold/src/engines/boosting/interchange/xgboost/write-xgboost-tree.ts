import { nextFloat32 } from '../../model/float32.ts'
import type { CategorySets, Trees } from '../../model/trees.ts'
import type { DocumentValue } from './model-document.ts'

type TreeDocument = Readonly<Record<string, DocumentValue>>

const NO_PARENT = 2 ** 31 - 1
const LARGEST = nextFloat32(-Infinity) * -1

/** A tree that is one leaf. */
export function constantTree(value: number, featureCount: number): TreeDocument {
  return treeOf(1, featureCount, { split_conditions: Float32Array.of(value), base_weights: Float32Array.of(value) })
}

function treeOf(count: number, featureCount: number, rest: TreeDocument): TreeDocument {
  return {
    base_weights: new Float32Array(count),
    categories: new Int32Array(0),
    categories_nodes: new Int32Array(0),
    categories_segments: new BigInt64Array(0),
    categories_sizes: new BigInt64Array(0),
    default_left: new Uint8Array(count),
    id: 0,
    left_children: new Int32Array(count).fill(-1),
    loss_changes: new Float32Array(count),
    parents: new Int32Array(count).fill(NO_PARENT),
    right_children: new Int32Array(count).fill(-1),
    split_conditions: new Float32Array(count),
    split_indices: new Int32Array(count),
    split_type: new Uint8Array(count),
    sum_hessian: new Float32Array(count),
    tree_param: {
      num_deleted: '0',
      num_feature: String(featureCount),
      num_nodes: String(count),
      size_leaf_vector: '1',
    },
    ...rest,
  }
}

/** XGBoost asks `x < t`, and by category sends members right. */
export function xgboostTree(trees: Trees, tree: number, featureCount: number): TreeDocument {
  const begin = trees.starts[tree]!
  const { order, left, parents } = arrange(trees, tree)
  const nodes = order.map((node) => begin + node)
  const isLeaf = (at: number): boolean => trees.feature[at]! < 0
  const conditions = Float32Array.from(nodes, (at) => (isLeaf(at) ? trees.value[at]! : conditionOf(trees, at)))
  return treeOf(nodes.length, featureCount, {
    base_weights: Float32Array.from(nodes, (at) => trees.value[at]!),
    default_left: Uint8Array.from(nodes, (at) => Number((trees.missingLeft[at] === 1) !== swaps(trees, at))),
    left_children: left,
    right_children: left.map((child) => (child < 0 ? -1 : child + 1)),
    parents,
    loss_changes: Float32Array.from(nodes, (at) => trees.gain[at]!),
    split_conditions: conditions,
    split_indices: Int32Array.from(nodes, (at) => Math.max(0, trees.feature[at]!)),
    sum_hessian: Float32Array.from(nodes, (at) => trees.cover[at]!),
    ...categoriesOf(trees, nodes),
  })
}

/** Members that go left here change the sides of their split. */
function swaps({ categorySet, membersLeft }: Trees, at: number): boolean {
  return categorySet[at]! >= 0 && membersLeft[at] === 1
}

/** Which node stands at each place, where its left child stands, and its parent. A right child follows the left one. */
function arrange(trees: Trees, tree: number): { order: number[]; left: Int32Array; parents: Int32Array } {
  const begin = trees.starts[tree]!
  const count = trees.starts[tree + 1]! - begin
  const place = new Uint32Array(count)
  const order: number[] = new Array(count)
  const left = new Int32Array(count).fill(-1)
  const parents = new Int32Array(count).fill(NO_PARENT)
  for (let node = 0; node < count; node++) {
    const at = place[node]!
    order[at] = node
    if (trees.feature[begin + node]! < 0) continue
    const first = trees.left[begin + node]!
    const swapped = swaps(trees, begin + node) ? 1 : 0
    place[first] = first + swapped
    place[first + 1] = first + 1 - swapped
    left[at] = first
    parents.fill(at, first, first + 2)
  }
  return { order, left, parents }
}

/** Finite, since JSON has no other numbers: XGBoost takes no infinite values, so that nothing lies beyond the largest one. */
function conditionOf({ threshold, categorySet }: Trees, at: number): number {
  // A split by a set without members, which XGBoost does not take, has all values to one side.
  return categorySet[at]! >= 0 ? LARGEST : Math.max(-LARGEST, Math.min(LARGEST, nextFloat32(threshold[at]!)))
}

function categoriesOf({ categorySet, sets }: Trees, nodes: readonly number[]): TreeDocument {
  const all = nodes.map((at) => (categorySet[at]! < 0 ? [] : codesOf(sets, categorySet[at]!)))
  const byCategory = [...all.keys()].filter((place) => all[place]!.length > 0)
  const lists = byCategory.map((place) => all[place]!)
  let total = 0
  const segments = lists.map((list) => {
    total += list.length
    return BigInt(total - list.length)
  })
  return {
    split_type: Uint8Array.from(all, (codes) => Math.min(1, codes.length)),
    categories: Int32Array.from(lists.flat()),
    categories_nodes: Int32Array.from(byCategory),
    categories_segments: BigInt64Array.from(segments),
    categories_sizes: BigInt64Array.from(lists, (list) => BigInt(list.length)),
  }
}

/** Codes of a set, in order. */
function codesOf({ starts, words }: CategorySets, set: number): number[] {
  const codes: number[] = []
  for (let at = starts[set]!; at < starts[set + 1]!; at++)
    for (let bit = 0; bit < 32; bit++) if ((words[at]! >>> bit) & 1) codes.push((at - starts[set]!) * 32 + bit)
  return codes
}
