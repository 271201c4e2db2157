import { FivefoldError } from '../../../../core/index.ts'
import { floorFloat32, previousFloat32 } from '../../model/float32.ts'
import type { Draft, DraftSplit } from '../draft/draft-tree.ts'
import { linkNodes } from '../draft/link-nodes.ts'
import { numbersAt, wholeNumberAt } from './model-text.ts'

/** Bits of `decision_type`. */
const BY_CATEGORY = 1
const DEFAULT_LEFT = 2
const MISSING_SHIFT = 2
const MISSING = { none: 0, zero: 1, nan: 2 } as const
/** `kZeroThreshold`: up to here LightGBM takes a number for zero. */
const ZERO = Math.fround(1e-35)

type Entries = ReadonlyMap<string, string>

/** @param scale factor on leaf values */
export function readLightgbmTree(tree: Entries, name: string, scale: number): Draft {
  if (wholeNumberAt(tree, 'is_linear', 0) !== 0)
    throw new FivefoldError('MODEL_UNSUPPORTED', `${name} has linear models as leaves`)
  const leafCount = wholeNumberAt(tree, 'num_leaves')
  const value = numbersAt(tree, 'leaf_value', Math.max(1, leafCount))
  const leafRows = covers(tree, 'leaf_count', value.length)
  if (leafCount <= 1) return { value: value[0]! * scale, cover: leafRows[0]! }
  const splitCount = leafCount - 1
  const left = numbersAt(tree, 'left_child', splitCount)
  const right = numbersAt(tree, 'right_child', splitCount)
  const gain = gains(tree, splitCount)
  const rows = covers(tree, 'internal_count', splitCount)
  const decide = decisionsOf(tree, name, splitCount)
  // Leaves are numbered behind the splits; files name leaf i as -1 - i.
  const numberOf = (child: number): number => (child >= 0 ? child : splitCount - 1 - child)
  return linkNodes({
    name,
    count: splitCount + leafCount,
    childrenOf: (node) => (node < splitCount ? [numberOf(left[node]!), numberOf(right[node]!)] : undefined),
    draftOf(node, children) {
      if (children === undefined)
        return { value: value[node - splitCount]! * scale, cover: leafRows[node - splitCount]! }
      return decide(node, { left: children[0], right: children[1], gain: gain[node]!, cover: rows[node]! })
    },
  })
}

function covers(tree: Entries, key: string, count: number): Float64Array {
  return tree.has(key) ? numbersAt(tree, key, count) : new Float64Array(count)
}

function gains(tree: Entries, count: number): Float64Array {
  return tree.has('split_gain') ? numbersAt(tree, 'split_gain', count) : new Float64Array(count)
}

type Stem = Pick<DraftSplit, 'left' | 'right' | 'gain' | 'cover'>

function decisionsOf(tree: Entries, name: string, count: number): (node: number, stem: Stem) => Draft {
  const feature = numbersAt(tree, 'split_feature', count)
  const threshold = numbersAt(tree, 'threshold', count)
  const decision = numbersAt(tree, 'decision_type', count)
  const boundaries = numbersAt(tree, 'cat_boundaries')
  const words = Uint32Array.from(numbersAt(tree, 'cat_threshold'))
  return (node, stem) => {
    const common = { ...stem, feature: feature[node]! }
    if (!(Number.isInteger(common.feature) && common.feature >= 0))
      throw new FivefoldError('MODEL_UNREADABLE', `${name} tests feature ${common.feature}`)
    const bits = decision[node]!
    if ((bits & BY_CATEGORY) === 0) return byThreshold(common, threshold[node]!, bits)
    const [begin, end] = [boundaries[threshold[node]!], boundaries[threshold[node]! + 1]]
    if (begin === undefined || end === undefined || !(begin >= 0 && begin <= end && end <= words.length))
      throw new FivefoldError('MODEL_UNREADABLE', `${name} names categories that are not there`)
    // What the split does not know goes right, missing values too.
    return { ...common, threshold: 0, missingLeft: false, members: words.subarray(begin, end), membersLeft: true }
  }
}

function byThreshold(stem: Stem & { feature: number }, threshold: number, bits: number): Draft {
  const kind = (bits >> MISSING_SHIFT) & 3
  const bound = floorFloat32(threshold)
  const zeroIsLeft = threshold >= 0
  const defaultLeft = (bits & DEFAULT_LEFT) !== 0
  // Without a side of their own missing values count as zero.
  if (kind === MISSING.none) return { ...stem, threshold: bound, missingLeft: zeroIsLeft }
  if (kind === MISSING.nan || defaultLeft === zeroIsLeft) return { ...stem, threshold: bound, missingLeft: defaultLeft }
  return apartFromZero(stem, bound, defaultLeft)
}

/** Zero is missing and goes where its neighbours do not: three splits, of which two find it among them. */
function apartFromZero(stem: Stem & { feature: number }, threshold: number, zeroIsLeft: boolean): Draft {
  const { feature, left, right } = stem
  const [zero, others] = zeroIsLeft ? [left, right] : [right, left]
  const common = { feature, missingLeft: false, gain: 0, cover: others.cover }
  const below = { ...common, threshold: previousFloat32(-ZERO), left: others, right: zero }
  const among = { ...common, threshold: ZERO, left: below, right: others }
  return zeroIsLeft
    ? { ...stem, threshold, missingLeft: true, right: among }
    : { ...stem, threshold, missingLeft: false, left: among }
}
