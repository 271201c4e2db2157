import {
  CATEGORY_RESULT_BYTES,
  FEATURE_HISTOGRAM_BYTES,
  SCAN_BLOCK_FEATURES,
  SPLIT_RESULT_BYTES,
} from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import type { Workspace } from '../kernels/workspace.ts'
import type { GradientScale } from '../loss/gradients.ts'
import { type CategoryResult, readCategoryResult } from './category-splits.ts'
import type { FeatureChoice, NodeFeatures, NodePlace } from './feature-choice.ts'
import { countRows, type RecordRange } from './histograms.ts'
import { shrunk, type ValueRange } from './newton-step.ts'

/** The best way found to split a node. Sums are in integer units, the gain in real ones. */
export interface SplitCandidate {
  readonly gain: number
  readonly feature: number
  /** Rows whose bin is at most this go left; unused in splits by category. */
  readonly bin: number
  /** A bit for each bin, set where it goes left, in a split by category. */
  readonly leftBins: Uint32Array | undefined
  readonly missingLeft: boolean
  readonly leftGradient: number
  readonly leftHessian: number
}

/** What a split search has to know of a node. */
export interface SearchedNode extends NodePlace, RecordRange {
  readonly gradient: number
  readonly hessian: number
  readonly histogram: number
  readonly values: ValueRange
}

/** Finds splits in the histograms of one tree's nodes. */
export interface SplitFinder {
  /** The best split of each node (at most two), whatever the number of rows on its sides; undefined where none gains. */
  find(nodes: readonly SearchedNode[]): (SplitCandidate | undefined)[]
  /** The best split that leaves the least number of rows on either side. */
  findCounted(node: SearchedNode): SplitCandidate | undefined
}

export function createSplitFinder(
  workspace: Workspace,
  team: ThreadTeam,
  scale: GradientScale,
  features: FeatureChoice,
): SplitFinder {
  const { layout, job } = workspace
  const { l1, l2, minLeafRows, minLeafWeight, minGain } = job.params
  const inverseG = 1 / scale.gradient
  const inverseH = 1 / scale.hessian
  // Where each row's hessian is one, hessians count rows. At least one step: a side without any hessian has no value.
  const leastRows = hasUnitHessians(job) ? minLeafRows - 0.5 : 0
  const minHessian = Math.max(1, Math.max(minLeafWeight, leastRows) * scale.hessian)
  const blocks = scanBlocks(layout.featureCount)
  const isMonotone = job.rules.directions !== undefined

  const resultAt = (slot: number, block: number): number =>
    layout.splitResults + (slot * blocks.length + block) * SPLIT_RESULT_BYTES
  const categoryResultAt = (slot: number, index: number): number =>
    layout.categoryResults + (slot * layout.categoricalCount + index) * CATEGORY_RESULT_BYTES
  const sumsOf = (node: SearchedNode, { binCounts }: NodeFeatures, [first, end]: FeatureRange) =>
    [
      ...([node.histogram, first, end, binCounts, node.gradient, node.hessian] as const),
      ...([inverseG, inverseH, l1, l2, minHessian] as const),
    ] as const
  const limitedCall = (node: SearchedNode, allowed: NodeFeatures, range: FeatureRange, counts: number, out: number) =>
    [
      ...sumsOf(node, allowed, range),
      ...([counts, node.count, minLeafRows, layout.directions, node.values.low, node.values.high, out] as const),
    ] as const
  const categoryCalls = (node: SearchedNode, { categorical }: NodeFeatures, slot: number, counts: number) =>
    categorical.map(
      (feature, index) =>
        [
          ...([node.histogram, feature, node.gradient, node.hessian, node.count] as const),
          ...([inverseG, inverseH, minHessian, counts, categoryResultAt(slot, index)] as const),
        ] as const,
    )
  const best = (
    node: SearchedNode,
    allowed: NodeFeatures,
    slot: number,
    byThreshold: ThresholdResult | undefined,
  ): SplitCandidate | undefined => {
    const byCategory = allowed.categorical
      .map((_, index) => readCategoryResult(workspace, categoryResultAt(slot, index)))
      .reduce((a, b) => ((b?.score ?? 0) > (a?.score ?? 0) ? b : a), undefined)
    const found = betterOf(workspace, node, byThreshold, byCategory)
    if (found === undefined) return undefined
    const parent = shrunk(node.gradient * inverseG, l1) ** 2 / (node.hessian * inverseH + l2)
    const gain = found.score - parent
    // Below this share of the score a gain is rounding.
    return gain > minGain && gain > found.score * 1e-12 ? { ...found.split, gain } : undefined
  }
  /**
   * Rows are counted lazily: features in the order of the best that they could do without limits, until one that keeps them
   * is ahead of what the others could do.
   */
  const bestCounted = (node: SearchedNode, allowed: NodeFeatures): ThresholdResult | undefined => {
    const resultOf = (feature: number): number => layout.featureResults + feature * SPLIT_RESULT_BYTES
    const search = (feature: number): void =>
      workspace.kernels.findBestSplitLimited(
        ...limitedCall(node, allowed, [feature, feature + 1], layout.countHistogram, resultOf(feature)),
      )
    const scoreOf = (feature: number): number => workspace.float64[resultOf(feature) / 8]!
    workspace.kernels.findBestSplits(
      ...([node.histogram, layout.featureCount, allowed.binCounts, node.gradient, node.hessian] as const),
      ...([inverseG, inverseH, l1, l2, minHessian, layout.featureResults] as const),
    )
    const hopes: number[] = []
    for (let feature = 0; feature < layout.featureCount; feature++) if (scoreOf(feature) > 0) hopes.push(feature)
    hopes.sort((a, b) => scoreOf(b) - scoreOf(a) || a - b)
    let best: ThresholdResult | undefined
    for (const feature of hopes) {
      if (best !== undefined && best.score >= scoreOf(feature)) break
      countRows(workspace, node, feature)
      search(feature)
      const result = bestResult(workspace, [resultOf(feature)])
      if (result !== undefined && result.score > (best?.score ?? 0)) best = result
    }
    return best
  }
  return {
    find: (nodes) => {
      const allowed = nodes.map((node, slot) => features.ofNode(node, slot === 0 ? 0 : 1))
      const work = nodes.length * layout.featureCount * 256
      if (isMonotone)
        team.run(
          'findBestSplitLimited',
          nodes.flatMap((node, slot) =>
            blocks.map((block, b) => limitedCall(node, allowed[slot]!, block, 0, resultAt(slot, b))),
          ),
          work,
        )
      else
        team.run(
          'findBestSplit',
          nodes.flatMap((node, slot) =>
            blocks.map((block, b) => [...sumsOf(node, allowed[slot]!, block), resultAt(slot, b)] as const),
          ),
          work,
        )
      const byCategory = nodes.flatMap((node, slot) => categoryCalls(node, allowed[slot]!, slot, 0))
      if (byCategory.length > 0) team.run('findCategorySplit', byCategory, byCategory.length * 8192)
      return nodes.map((node, slot) => {
        const results = blocks.map((_, b) => resultAt(slot, b))
        return best(node, allowed[slot]!, slot, bestResult(workspace, results))
      })
    },
    findCounted: (node) => {
      const allowed = features.ofNode(node, 0)
      for (const feature of allowed.categorical) countRows(workspace, node, feature)
      const byCategory = categoryCalls(node, allowed, 0, layout.countHistogram)
      if (byCategory.length > 0) team.run('findCategorySplit', byCategory, byCategory.length * 8192)
      return best(node, allowed, 0, bestCounted(node, allowed))
    },
  }
}

type FeatureRange = readonly [first: number, end: number]

function hasUnitHessians({ objective, train }: Workspace['job']): boolean {
  const isUnit = ['squared', 'absolute', 'huber', 'quantile'].includes(objective.name)
  return isUnit && train.weights === undefined
}

function scanBlocks(featureCount: number): FeatureRange[] {
  return Array.from({ length: Math.ceil(featureCount / SCAN_BLOCK_FEATURES) }, (_, i) => [
    i * SCAN_BLOCK_FEATURES,
    Math.min(featureCount, (i + 1) * SCAN_BLOCK_FEATURES),
  ])
}

interface ScoredSplit {
  readonly score: number
  readonly split: Omit<SplitCandidate, 'gain'>
}

function betterOf(
  workspace: Workspace,
  node: SearchedNode,
  byThreshold: ThresholdResult | undefined,
  byCategory: CategoryResult | undefined,
): ScoredSplit | undefined {
  if (byCategory !== undefined && byCategory.score > (byThreshold?.score ?? 0)) {
    const { score, ...split } = byCategory
    // Missing values and categories of other bins go with the rest, on the right.
    return { score, split: { ...split, bin: 0, missingLeft: false } }
  }
  if (byThreshold === undefined) return undefined
  const { score, ...split } = byThreshold
  return { score, split: { ...split, leftBins: undefined, missingLeft: missingSide(workspace, node, byThreshold) } }
}

interface ThresholdResult extends Omit<SplitCandidate, 'gain' | 'leftBins'> {
  readonly score: number
}

/** Of equal scores the one of the first feature wins. */
function bestResult({ float64 }: Workspace, addresses: readonly number[]): ThresholdResult | undefined {
  let at = addresses[0]! / 8
  for (const address of addresses) {
    if (float64[address / 8]! > float64[at]! || float64[at + 1]! < 0) at = address / 8
  }
  if (float64[at + 1]! < 0) return undefined
  return {
    score: float64[at]!,
    feature: float64[at + 1]!,
    bin: float64[at + 2]!,
    missingLeft: float64[at + 3] === 1,
    leftGradient: float64[at + 4]!,
    leftHessian: float64[at + 5]!,
  }
}

/** Where no value of the feature was missing in this node, a missing value goes with the weightier side. */
function missingSide({ int32 }: Workspace, node: SearchedNode, split: ThresholdResult): boolean {
  const cell = (node.histogram + split.feature * FEATURE_HISTOGRAM_BYTES + 255 * 8) / 4
  const wasMissing = int32[cell] !== 0 || int32[cell + 1] !== 0
  return wasMissing ? split.missingLeft : split.leftHessian * 2 >= node.hessian
}
