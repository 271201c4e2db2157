import type { ThreadTeam } from '../kernels/thread-team.ts'
import type { Workspace } from '../kernels/workspace.ts'
import type { GradientScale } from '../loss/gradients.ts'
import { largestStep } from '../loss/objective.ts'
import type { FeatureChoice, NodePlace } from './feature-choice.ts'
import { createHistogramPool, type HistogramHolder, type HistogramPool } from './histogram-pool.ts'
import { buildHistogram, type RecordRange, totalsOf } from './histograms.ts'
import { newtonStep, type ValueRange } from './newton-step.ts'
import { partition } from './partition.ts'
import { createSplitFinder, type SplitCandidate, type SplitFinder } from './split-finder.ts'

/** A node that was split. Children have consecutive numbers. */
interface GrownSplit {
  readonly split: SplitCandidate
  readonly left: number
}

/** What a node is given when it comes to be. */
interface NodeFacts extends RecordRange {
  /** Sums in integer units. */
  readonly gradient: number
  readonly hessian: number
  readonly values: ValueRange
  /** What a leaf's value is shrunk by beyond l2, where a split by category made it. */
  readonly extraL2: number
}

export interface GrownNode extends NodeFacts {
  readonly grown: GrownSplit | undefined
}

/** A leaf that may still be split. */
interface OpenLeaf extends NodeFacts, NodePlace, HistogramHolder {
  readonly node: number
  split: SplitCandidate | undefined
}

/**
 * Grows one tree over the records [0, count) of the workspace, which it reorders so that each leaf's lie together.
 * Of two children only the smaller one's histogram is built; the other's is the parent's less that.
 *
 * @param checkCancelled called before each split; throws to stop
 */
export function growTree(
  workspace: Workspace,
  team: ThreadTeam,
  count: number,
  scale: GradientScale,
  features: FeatureChoice,
  checkCancelled: () => void,
): GrownNode[] {
  const { params } = workspace.job
  const grower = createGrower(workspace, team, scale, features)
  const root = grower.openRoot(count)
  const open: OpenLeaf[] = [root]
  for (let leaves = 1; leaves < params.maxLeaves; ) {
    const leaf = nextLeaf(open, params.growth)
    if (leaf === undefined) break
    checkCancelled()
    const children = grower.split(leaf, open, leaves + 1 < params.maxLeaves)
    if (children === undefined) continue
    open.splice(open.indexOf(leaf), 1, ...children)
    leaves++
  }
  return grower.nodes
}

/** The open leaf to split next: that of highest gain, or the first of the least depth. */
function nextLeaf(open: readonly OpenLeaf[], growth: 'leaf' | 'depth'): OpenLeaf | undefined {
  let best: OpenLeaf | undefined
  for (const leaf of open) {
    if (leaf.split === undefined) continue
    if (best === undefined || isBefore(leaf, best, growth)) best = leaf
  }
  return best
}

function isBefore(a: OpenLeaf, b: OpenLeaf, growth: 'leaf' | 'depth'): boolean {
  if (growth === 'leaf') return a.split!.gain > b.split!.gain
  return a.depth < b.depth || (a.depth === b.depth && a.node < b.node)
}

interface Grower {
  readonly nodes: GrownNode[]
  openRoot(count: number): OpenLeaf
  /** Splits a leaf, or returns undefined where its split broke a limit and another one was looked for instead. */
  split(leaf: OpenLeaf, open: readonly OpenLeaf[], childrenMaySplit: boolean): OpenLeaf[] | undefined
}

function createGrower(workspace: Workspace, team: ThreadTeam, scale: GradientScale, features: FeatureChoice): Grower {
  const { layout, job } = workspace
  const { maxDepth, minLeafRows } = job.params
  const pool = createHistogramPool(layout.histograms)
  const finder = createSplitFinder(workspace, team, scale, features)
  const nodes: GrownNode[] = []
  const add = (facts: NodeFacts, place: NodePlace): OpenLeaf => {
    // Written out: spreading three objects a node shows in profiles of small tables.
    const { begin, count, gradient, hessian, values, extraL2 } = facts
    const { depth, path } = place
    nodes.push({ begin, count, gradient, hessian, values, extraL2, grown: undefined })
    const node = nodes.length - 1
    return { begin, count, gradient, hessian, values, extraL2, depth, path, node, histogram: 0, split: undefined }
  }
  const maySplit = (leaf: OpenLeaf): boolean =>
    leaf.count >= 2 * minLeafRows && (maxDepth === 0 || leaf.depth < maxDepth)

  const openRoot = (count: number): OpenLeaf => {
    const histogram = pool.acquire([])
    buildHistogram(workspace, team, { begin: 0, count }, histogram)
    const sums = totalsOf(workspace, histogram)
    const step = largestStep(job.objective)
    const root = add(
      { begin: 0, count, ...sums, values: { low: -step, high: step }, extraL2: 0 },
      { depth: 0, path: [] },
    )
    root.histogram = histogram
    evaluate(finder, pool, [root].filter(maySplit))
    return root
  }
  const split = (leaf: OpenLeaf, open: readonly OpenLeaf[], childrenMaySplit: boolean): OpenLeaf[] | undefined => {
    const chosen = leaf.split!
    const leftCount = partition(workspace, team, leaf, chosen)
    if (leftCount < minLeafRows || leaf.count - leftCount < minLeafRows) {
      // Histograms hold no row counts, so the limit shows only now; a leaf that fails is searched again with counts.
      ensureHistogram(workspace, team, pool, leaf, open)
      leaf.split = finder.findCounted(leaf)
      if (leaf.split === undefined) pool.release(leaf)
      return undefined
    }
    const [leftFacts, rightFacts] = childrenOf(workspace, scale, leaf, chosen, leftCount)
    const place = { depth: leaf.depth + 1, path: job.rules.interactions ? [...leaf.path, chosen.feature] : leaf.path }
    const left = add(leftFacts, place)
    const right = add(rightFacts, place)
    nodes[leaf.node] = { ...nodes[leaf.node]!, grown: { split: chosen, left: left.node } }
    const candidates = childrenMaySplit ? [left, right].filter(maySplit) : []
    if (candidates.length > 0) giveHistograms(workspace, team, pool, leaf, left, right, open)
    else pool.release(leaf)
    for (const child of [left, right]) if (!candidates.includes(child)) pool.release(child)
    evaluate(finder, pool, candidates)
    return [left, right]
  }
  return { nodes, openRoot, split }
}

function childrenOf(
  { job }: Workspace,
  scale: GradientScale,
  parent: OpenLeaf,
  split: SplitCandidate,
  leftCount: number,
): [left: NodeFacts, right: NodeFacts] {
  const isOrdered =
    split.leftBins !== undefined && job.categories[split.feature]!.codes.length > job.params.oneHotCategories
  const extraL2 = isOrdered ? job.params.categoryL2 : 0
  const left = {
    begin: parent.begin,
    count: leftCount,
    gradient: split.leftGradient,
    hessian: split.leftHessian,
    values: parent.values,
    extraL2,
  }
  const right = {
    begin: parent.begin + leftCount,
    count: parent.count - leftCount,
    gradient: parent.gradient - split.leftGradient,
    hessian: parent.hessian - split.leftHessian,
    values: parent.values,
    extraL2,
  }
  const direction = job.rules.directions?.[split.feature] ?? 0
  if (direction === 0) return [left, right]
  // What lies below either child stays on its side of the middle between them, so that no later split can undo the order.
  const { l1, l2 } = job.params
  const stepOf = ({ gradient, hessian }: NodeFacts): number =>
    newtonStep(gradient / scale.gradient, hessian / scale.hessian + l2, l1, parent.values)
  const middle = (stepOf(left) + stepOf(right)) / 2
  const below = { low: parent.values.low, high: middle }
  const above = { low: middle, high: parent.values.high }
  return direction > 0
    ? [
        { ...left, values: below },
        { ...right, values: above },
      ]
    : [
        { ...left, values: above },
        { ...right, values: below },
      ]
}

function evaluate(finder: SplitFinder, pool: HistogramPool, leaves: readonly OpenLeaf[]): void {
  if (leaves.length === 0) return
  const found = finder.find(leaves)
  for (const [i, leaf] of leaves.entries()) {
    leaf.split = found[i]
    if (leaf.split === undefined) pool.release(leaf)
  }
}

function ensureHistogram(
  workspace: Workspace,
  team: ThreadTeam,
  pool: HistogramPool,
  leaf: OpenLeaf,
  open: readonly OpenLeaf[],
): void {
  if (leaf.histogram !== 0) return
  leaf.histogram = pool.acquire(open, leaf)
  buildHistogram(workspace, team, leaf, leaf.histogram)
}

/** Builds the smaller child's histogram; the larger child takes over the parent's and subtracts. */
function giveHistograms(
  workspace: Workspace,
  team: ThreadTeam,
  pool: HistogramPool,
  parent: OpenLeaf,
  left: OpenLeaf,
  right: OpenLeaf,
  open: readonly OpenLeaf[],
): void {
  const [smaller, larger] = left.count <= right.count ? [left, right] : [right, left]
  smaller.histogram = pool.acquire(open, parent)
  buildHistogram(workspace, team, smaller, smaller.histogram, parent.histogram)
  if (parent.histogram === 0) {
    ensureHistogram(workspace, team, pool, larger, open)
    return
  }
  larger.histogram = parent.histogram
  parent.histogram = 0
}
