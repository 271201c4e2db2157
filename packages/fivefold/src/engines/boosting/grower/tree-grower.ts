import type { ThreadTeam } from '../kernels/thread-team.ts'
import type { Workspace } from '../kernels/workspace.ts'
import type { GradientScale } from '../loss/gradients.ts'
import { createHistogramPool, type HistogramHolder, type HistogramPool } from './histogram-pool.ts'
import { buildHistogram, countRows, type RecordRange, totalsOf } from './histograms.ts'
import { partition } from './partition.ts'
import { createSplitFinder, type NodeSums, type SplitCandidate, type SplitFinder } from './split-finder.ts'

/** A node that was split. Children have consecutive numbers. */
interface GrownSplit {
  readonly split: SplitCandidate
  readonly left: number
}

export interface GrownNode extends RecordRange {
  /** Sums in integer units. */
  readonly gradient: number
  readonly hessian: number
  readonly grown: GrownSplit | undefined
}

/** A leaf that may still be split. */
interface OpenLeaf extends RecordRange, HistogramHolder {
  readonly node: number
  readonly depth: number
  readonly gradient: number
  readonly hessian: number
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
  checkCancelled: () => void,
): GrownNode[] {
  const { params } = workspace.job
  const grower = createGrower(workspace, team, scale)
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

function createGrower(workspace: Workspace, team: ThreadTeam, scale: GradientScale): Grower {
  const { layout, job } = workspace
  const { maxDepth, minLeafRows } = job.params
  const pool = createHistogramPool(layout.histograms)
  const finder = createSplitFinder(workspace, team, scale)
  const nodes: GrownNode[] = []
  const add = (range: RecordRange, depth: number, sums: { gradient: number; hessian: number }): OpenLeaf => {
    const node = { begin: range.begin, count: range.count, gradient: sums.gradient, hessian: sums.hessian }
    nodes.push({ ...node, grown: undefined })
    return { ...node, node: nodes.length - 1, depth, histogram: 0, split: undefined }
  }
  const maySplit = (leaf: OpenLeaf): boolean =>
    leaf.count >= 2 * minLeafRows && (maxDepth === 0 || leaf.depth < maxDepth)

  const openRoot = (count: number): OpenLeaf => {
    const histogram = pool.acquire([])
    buildHistogram(workspace, team, { begin: 0, count }, histogram)
    const root = add({ begin: 0, count }, 0, totalsOf(workspace, histogram))
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
      countRows(workspace, leaf)
      leaf.split = finder.findCounted(leaf, leaf.count, minLeafRows)
      if (leaf.split === undefined) pool.release(leaf)
      return undefined
    }
    const left = add({ begin: leaf.begin, count: leftCount }, leaf.depth + 1, {
      gradient: chosen.leftGradient,
      hessian: chosen.leftHessian,
    })
    const right = add({ begin: leaf.begin + leftCount, count: leaf.count - leftCount }, leaf.depth + 1, {
      gradient: leaf.gradient - chosen.leftGradient,
      hessian: leaf.hessian - chosen.leftHessian,
    })
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

function evaluate(finder: SplitFinder, pool: HistogramPool, leaves: readonly OpenLeaf[]): void {
  if (leaves.length === 0) return
  const found = finder.find(leaves satisfies readonly NodeSums[])
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
  buildHistogram(workspace, team, smaller, smaller.histogram)
  if (parent.histogram === 0) {
    ensureHistogram(workspace, team, pool, larger, open)
    return
  }
  larger.histogram = parent.histogram
  parent.histogram = 0
  workspace.kernels.subtractHistogram(larger.histogram, smaller.histogram, workspace.layout.histogramBytes)
}
