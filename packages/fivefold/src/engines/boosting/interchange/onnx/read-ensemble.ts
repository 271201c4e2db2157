import { FivefoldError } from '../../../../core/index.ts'
import { previousFloat32 } from '../../model/float32.ts'
import type { Draft, DraftTree } from '../draft/draft-tree.ts'
import { linkNodes } from '../draft/link-nodes.ts'
import type { EnsembleNodes } from './ensemble-nodes.ts'

/** The trees of an ensemble; leaves with weights for several outputs make one tree an output. */
export function readEnsemble(nodes: EnsembleNodes, outputCount: number): DraftTree[] {
  const places = placesOf(nodes)
  const weights = weightsOf(nodes, places)
  return [...places].flatMap(([tree, places]): DraftTree[] => {
    const outputs = new Set([...places.values()].flatMap((at) => [...(weights.get(at)?.keys() ?? [])]))
    const stray = [...outputs].find((output) => !(output >= 0 && output < outputCount))
    if (stray !== undefined) throw unreadable(`tree ${tree} adds to output ${stray} of ${outputCount}`)
    return [...outputs].map((output) => ({ root: readTree(nodes, tree, places, weights, output), output }))
  })
}

/** By tree and number of the node there: its place in the lists. */
type Places = Map<number, Map<number, number>>
/** By place of a leaf: its weight for each output. */
type Weights = Map<number, Map<number, number>>

function placesOf({ tree, id }: EnsembleNodes): Places {
  const places: Places = new Map()
  for (const [at, number] of tree.entries()) {
    const ofTree = places.get(number) ?? new Map<number, number>()
    if (ofTree.has(id[at]!)) throw unreadable(`tree ${number} has two nodes ${id[at]}`)
    places.set(number, ofTree.set(id[at]!, at))
  }
  return places
}

function weightsOf({ weights: { tree, node, output, value } }: EnsembleNodes, places: Places): Weights {
  const weights: Weights = new Map()
  for (let i = 0; i < tree.length; i++) {
    const at = places.get(tree[i]!)?.get(node[i]!)
    if (at === undefined) throw unreadable(`a weight is for node ${node[i]} of tree ${tree[i]}, which is not there`)
    const ofLeaf = weights.get(at) ?? new Map<number, number>()
    weights.set(at, ofLeaf.set(output[i]!, (ofLeaf.get(output[i]!) ?? 0) + value[i]!))
  }
  return weights
}

function readTree(
  nodes: EnsembleNodes,
  tree: number,
  places: ReadonlyMap<number, number>,
  weights: Weights,
  output: number,
): Draft {
  const list = [...places.values()]
  const numberOf = new Map(list.map((at, number) => [at, number]))
  const child = (id: number): number => numberOf.get(places.get(id) ?? -1) ?? -1
  const target = new Set(
    list.filter((at) => nodes.mode[at] !== 'LEAF').flatMap((at) => [nodes.whenTrue[at], nodes.whenFalse[at]]),
  )
  const root = list.findIndex((at) => !target.has(nodes.id[at]))
  if (root < 0) throw unreadable(`tree ${tree} has no root`)
  const node = {
    name: `tree ${tree}`,
    count: list.length,
    childrenOf(number: number): readonly [number, number] | undefined {
      const at = list[number]!
      return nodes.mode[at] === 'LEAF' ? undefined : [child(nodes.whenTrue[at]!), child(nodes.whenFalse[at]!)]
    },
    draftOf(number: number, children: readonly [Draft, Draft] | undefined): Draft {
      const at = list[number]!
      if (children === undefined) return { value: weights.get(at)?.get(output) ?? 0, cover: 0 }
      return splitOf(nodes, at, children[0], children[1])
    },
  }
  return linkNodes(node, root)
}

function splitOf(nodes: EnsembleNodes, at: number, whenTrue: Draft, whenFalse: Draft): Draft {
  const feature = nodes.feature[at]!
  if (!(Number.isInteger(feature) && feature >= 0)) throw unreadable(`a split tests feature ${feature}`)
  const value = Math.fround(nodes.value[at]!)
  const missingIsTrue = nodes.missingIsTrue[at] === 1
  const common = { feature, gain: 0, cover: 0 }
  const below = (threshold: number): Draft => {
    return { ...common, threshold, missingLeft: missingIsTrue, left: whenTrue, right: whenFalse }
  }
  const above = (threshold: number): Draft => {
    return { ...common, threshold, missingLeft: !missingIsTrue, left: whenFalse, right: whenTrue }
  }
  switch (nodes.mode[at]) {
    case 'BRANCH_LEQ':
      return below(value)
    case 'BRANCH_LT':
      return below(previousFloat32(value))
    case 'BRANCH_GT':
      return above(value)
    case 'BRANCH_GTE':
      return above(previousFloat32(value))
    case 'BRANCH_EQ':
      return equal(common, value, whenTrue, whenFalse, missingIsTrue)
    case 'BRANCH_NEQ':
      // NaN differs from every number.
      return equal(common, value, whenFalse, whenTrue, false)
    default:
      throw unreadable(`'${nodes.mode[at]}' is no mode of a node`)
  }
}

/** One number among all: at most it, and above the one before. */
function equal(
  common: { readonly feature: number; readonly gain: number; readonly cover: number },
  value: number,
  same: Draft,
  others: Draft,
  missingIsSame: boolean,
): Draft {
  const among = { ...common, threshold: previousFloat32(value), missingLeft: false, left: others, right: same }
  return { ...common, threshold: value, missingLeft: missingIsSame, left: among, right: others }
}

function unreadable(reason: string): FivefoldError {
  return new FivefoldError('MODEL_UNREADABLE', `the tree ensemble cannot be read: ${reason}`)
}
