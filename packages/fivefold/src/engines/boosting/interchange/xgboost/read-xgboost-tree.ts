import { FivefoldError } from '../../../../core/index.ts'
import { previousFloat32 } from '../../model/float32.ts'
import { type Draft, type Members, membersOf } from '../draft/draft-tree.ts'
import { type Fields, fieldsAt, numberAt, numbersAt } from '../draft/fields.ts'
import { linkNodes } from '../draft/link-nodes.ts'

/** @param weight factor on the leaves, as float32 */
export function readXgboostTree(tree: Fields, name: string, weight: number): Draft {
  const param = fieldsAt(tree, 'tree_param', name)
  if (numberAt(param, 'size_leaf_vector', name, 1) > 1)
    throw new FivefoldError('MODEL_UNSUPPORTED', `${name} has vectors as leaves (multi_strategy=multi_output_tree)`)
  const left = numbersAt(tree, 'left_children', name)
  const count = left.length
  const right = numbersAt(tree, 'right_children', name, count)
  const feature = numbersAt(tree, 'split_indices', name, count)
  const condition = numbersAt(tree, 'split_conditions', name, count)
  const defaultLeft = numbersAt(tree, 'default_left', name, count)
  const gain = numbersAt(tree, 'loss_changes', name, count)
  const cover = numbersAt(tree, 'sum_hessian', name, count)
  const members = membersOfNodes(tree, name, count)
  return linkNodes({
    name,
    count,
    childrenOf: (node) => (left[node] === -1 ? undefined : [left[node]!, right[node]!]),
    draftOf(node, children) {
      if (children === undefined)
        return {
          value: Math.fround(Math.fround(condition[node]!) * Math.fround(weight)),
          cover: Math.fround(cover[node]!),
        }
      const common = { feature: featureAt(feature[node]!, name), missingLeft: defaultLeft[node] === 1 }
      const stem = {
        ...common,
        left: children[0],
        right: children[1],
        gain: gain[node]!,
        cover: Math.fround(cover[node]!),
      }
      const set = members.get(node)
      return set === undefined
        ? { ...stem, threshold: previousFloat32(Math.fround(condition[node]!)) }
        : // Members go right; what the split does not know goes left.
          { ...stem, threshold: 0, members: set, membersLeft: false }
    },
  })
}

function featureAt(feature: number, name: string): number {
  if (Number.isInteger(feature) && feature >= 0) return feature
  throw new FivefoldError('MODEL_UNREADABLE', `${name} tests feature ${feature}`)
}

/** Sets of the nodes that split by category. Files before 1.6 have none. */
function membersOfNodes(tree: Fields, name: string, count: number): Map<number, Members> {
  const sets = new Map<number, Members>()
  if (!('split_type' in tree)) return sets
  const type = numbersAt(tree, 'split_type', name, count)
  const nodes = numbersAt(tree, 'categories_nodes', name)
  const begins = numbersAt(tree, 'categories_segments', name, nodes.length)
  const sizes = numbersAt(tree, 'categories_sizes', name, nodes.length)
  const categories = Float64Array.from(numbersAt(tree, 'categories', name))
  let used = 0
  for (let i = 0; i < nodes.length; i++) {
    const [begin, end] = [begins[i]!, begins[i]! + sizes[i]!]
    used += sizes[i]!
    if (!(begin >= 0 && end >= begin && end <= categories.length && used <= categories.length))
      throw new FivefoldError('MODEL_UNREADABLE', `${name} names categories that are not there`)
    sets.set(nodes[i]!, membersOf(categories.subarray(begin, end)))
  }
  for (let node = 0; node < count; node++)
    if (type[node] === 1 && !sets.has(node))
      throw new FivefoldError('MODEL_UNREADABLE', `${name} has no categories for node ${node}`)
  return sets
}
