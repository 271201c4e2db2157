import { featureCells } from '../binning/cell-tables.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { CATEGORY_RESULT_BYTES, SCAN_BLOCK_FEATURES, SPLIT_RESULT_BYTES } from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import type { Workspace } from '../kernels/workspace.ts'
import type { GradientScale } from '../loss/gradients.ts'
import { type CategoryResult, readCategoryResult } from './category-splits.ts'
import type { FeatureChoice, NodeFeatures, NodePlace } from './feature-choice.ts'
import { countRows, type RecordRange } from './histograms.ts'
import { scoreOfStep, UNBOUNDED, type ValueRange } from './newton-step.ts'

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
  type Search = Parameters<Kernels['findBestSplit']>
  type LimitedSearch = Parameters<Kernels['findBestSplitLimited']>
  const sumsOf = ({ histogram, gradient, hessian }: SearchedNode, { binCounts }: NodeFeatures, range: FeatureRange) =>
    [
      ...([histogram, range[0], range[1], binCounts, layout.featureCells, gradient, hessian] as const),
      ...([inverseG, inverseH, l1, l2, minHessian] as const),
    ] as const
  const search = (node: SearchedNode, allowed: NodeFeatures, range: FeatureRange, out: number): Search => [
    ...sumsOf(node, allowed, range),
    out,
  ]
  const limitedSearch = (
    node: SearchedNode,
    allowed: NodeFeatures,
    range: FeatureRange,
    out: number,
    counts = 0,
  ): LimitedSearch => [
    ...sumsOf(node, allowed, range),
    ...([counts, node.count, minLeafRows, layout.directions, node.values.low, node.values.high, out] as const),
  ]
  const everyBlock = <Call>(
    nodes: readonly SearchedNode[],
    allowed: readonly NodeFeatures[],
    call: (node: SearchedNode, allowed: NodeFeatures, range: FeatureRange, out: number) => Call,
  ): Call[] => {
    const calls: Call[] = []
    for (let slot = 0; slot < nodes.length; slot++)
      for (let block = 0; block < blocks.length; block++)
        calls.push(call(nodes[slot]!, allowed[slot]!, blocks[block]!, resultAt(slot, block)))
    return calls
  }
  /** Of equal scores the one of the first feature wins. */
  const bestOfBlocks = (slot: number): ScoredSplit | undefined => {
    let best: ScoredSplit | undefined
    for (let block = 0; block < blocks.length; block++) {
      const result = readResult(workspace, resultAt(slot, block))
      if (result !== undefined && (best === undefined || result.score > best.score)) best = result
    }
    return best
  }
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
    { categorical }: NodeFeatures,
    slot: number,
    byThreshold: ScoredSplit | undefined,
    isBounded: boolean,
  ): SplitCandidate | undefined => {
    let byCategory: ScoredSplit | undefined
    for (let index = 0; index < categorical.length; index++) {
      const result = readCategoryResult(workspace, categoryResultAt(slot, index))
      if (result !== undefined && result.score > (byCategory?.score ?? 0)) byCategory = splitByCategory(result)
    }
    const thresholdGain = byThreshold === undefined ? 0 : gainOver(parentScore(node, isBounded), byThreshold)
    const categoryGain = byCategory === undefined ? 0 : gainOver(parentScore(node, false), byCategory)
    const gain = Math.max(thresholdGain, categoryGain)
    if (!(gain > minGain)) return undefined
    return categoryGain > thresholdGain
      ? toCandidate(byCategory!, gain, false)
      : toCandidate(byThreshold!, gain, missingSide(workspace, node, byThreshold!))
  }
  /** Of a node that is not split, under the same bounds as the sides that it is compared with. */
  const parentScore = ({ gradient, hessian, values }: SearchedNode, isBounded: boolean): number =>
    scoreOfStep(gradient * inverseG, hessian * inverseH + l2, l1, isBounded ? values : UNBOUNDED)
  /**
   * Rows are counted lazily: features in the order of the best that they could do without limits, until one that keeps them
   * is ahead of what the others could do.
   */
  const bestCounted = (node: SearchedNode, allowed: NodeFeatures): ScoredSplit | undefined => {
    const resultOf = (feature: number): number => layout.featureResults + feature * SPLIT_RESULT_BYTES
    const searchCounted = (feature: number): void => {
      const range = [feature, feature + 1] as const
      const call = limitedSearch(node, allowed, range, resultOf(feature), layout.countHistogram)
      workspace.kernels.findBestSplitLimited(...call)
    }
    const scoreOf = (feature: number): number => workspace.float64[resultOf(feature) / 8]!
    workspace.kernels.findBestSplits(
      ...([node.histogram, layout.featureCount, allowed.binCounts, layout.featureCells] as const),
      ...([node.gradient, node.hessian] as const),
      ...([inverseG, inverseH, l1, l2, minHessian, layout.featureResults] as const),
    )
    const hopes: number[] = []
    for (let feature = 0; feature < layout.featureCount; feature++) if (scoreOf(feature) > 0) hopes.push(feature)
    hopes.sort((a, b) => scoreOf(b) - scoreOf(a) || a - b)
    let best: ScoredSplit | undefined
    for (const feature of hopes) {
      if (best !== undefined && best.score >= scoreOf(feature)) break
      countRows(workspace, node, feature)
      searchCounted(feature)
      const result = readResult(workspace, resultOf(feature))
      if (result !== undefined && (best === undefined || result.score > best.score)) best = result
    }
    return best
  }
  return {
    find: (nodes) => {
      const allowed = nodes.map((node, slot) => features.ofNode(node, slot === 0 ? 0 : 1))
      const work = nodes.length * layout.featureCount * 256
      if (isMonotone) team.run('findBestSplitLimited', everyBlock(nodes, allowed, limitedSearch), work)
      else team.run('findBestSplit', everyBlock(nodes, allowed, search), work)
      const byCategory = nodes.flatMap((node, slot) => categoryCalls(node, allowed[slot]!, slot, 0))
      if (byCategory.length > 0) team.run('findCategorySplit', byCategory, byCategory.length * 8192)
      return nodes.map((node, slot) => best(node, allowed[slot]!, slot, bestOfBlocks(slot), isMonotone))
    },
    findCounted: (node) => {
      const allowed = features.ofNode(node, 0)
      for (const feature of allowed.categorical) countRows(workspace, node, feature)
      const byCategory = categoryCalls(node, allowed, 0, layout.countHistogram)
      if (byCategory.length > 0) team.run('findCategorySplit', byCategory, byCategory.length * 8192)
      return best(node, allowed, 0, bestCounted(node, allowed), true)
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

interface ScoredSplit extends Omit<SplitCandidate, 'gain'> {
  readonly score: number
}

function splitByCategory({ score, feature, leftGradient, leftHessian, leftBins }: CategoryResult): ScoredSplit {
  return { score, feature, bin: 0, leftBins, missingLeft: false, leftGradient, leftHessian }
}

/** 0 where the gain is rounding: below this share of the score. */
function gainOver(parentScore: number, { score }: ScoredSplit): number {
  const gain = score - parentScore
  return gain > Math.abs(score) * 1e-12 ? gain : 0
}

/** @param missingLeft in splits by category missing values, and categories of other bins, go with the rest on the right */
function toCandidate(split: ScoredSplit, gain: number, missingLeft: boolean): SplitCandidate {
  const { feature, bin, leftBins, leftGradient, leftHessian } = split
  return { gain, feature, bin, leftBins, missingLeft, leftGradient, leftHessian }
}

/** What a search has written, or undefined where it found nothing. */
function readResult({ float64 }: Workspace, address: number): ScoredSplit | undefined {
  const at = address / 8
  if (float64[at + 1]! < 0) return undefined
  return {
    score: float64[at]!,
    feature: float64[at + 1]!,
    bin: float64[at + 2]!,
    leftBins: undefined,
    missingLeft: float64[at + 3] === 1,
    leftGradient: float64[at + 4]!,
    leftHessian: float64[at + 5]!,
  }
}

/** Where no value of the feature was missing in this node, a missing value goes with the weightier side. */
function missingSide(workspace: Workspace, node: SearchedNode, split: ScoredSplit): boolean {
  const { int32 } = workspace
  const cell = (node.histogram + featureCells(workspace, split.feature).missing) / 4
  const wasMissing = int32[cell] !== 0 || int32[cell + 1] !== 0
  return wasMissing ? split.missingLeft : split.leftHessian * 2 >= node.hessian
}
