import { FEATURE_HISTOGRAM_BYTES, SCAN_BLOCK_FEATURES, SPLIT_RESULT_BYTES } from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import type { Workspace } from '../kernels/workspace.ts'
import type { GradientScale } from '../loss/gradients.ts'

/** The best way found to split a node. Sums are in integer units, the gain in real ones. */
export interface SplitCandidate {
  readonly gain: number
  readonly feature: number
  /** Rows whose bin is at most this go left. */
  readonly bin: number
  readonly missingLeft: boolean
  readonly leftGradient: number
  readonly leftHessian: number
}

/** What a split search has to know of a node. */
export interface NodeSums {
  readonly gradient: number
  readonly hessian: number
  readonly histogram: number
}

/** Finds splits in the histograms of one tree's nodes. */
export interface SplitFinder {
  /** The best split of each node (at most two), whatever the number of rows on its sides; undefined where none gains. */
  find(nodes: readonly NodeSums[]): (SplitCandidate | undefined)[]
  /** The best split that leaves `minRows` of the node's rows on either side; row counts by bin are in the workspace. */
  findCounted(node: NodeSums, rowCount: number, minRows: number): SplitCandidate | undefined
}

export function createSplitFinder(workspace: Workspace, team: ThreadTeam, scale: GradientScale): SplitFinder {
  const { layout, job } = workspace
  const { l1, l2, minLeafWeight, minGain } = job.params
  const inverseG = 1 / scale.gradient
  const inverseH = 1 / scale.hessian
  // At least one step: a side without any hessian has no defined value.
  const minHessian = Math.max(1, minLeafWeight * scale.hessian)
  const blocks = scanBlocks(layout.featureCount)
  const resultAt = (index: number): number => layout.splitResults + index * SPLIT_RESULT_BYTES

  const argumentsOf = (node: NodeSums, [first, end]: readonly [number, number]) =>
    [
      ...([node.histogram, first, end, layout.activeBinCounts, node.gradient, node.hessian] as const),
      ...([inverseG, inverseH, l1, l2, minHessian] as const),
    ] as const
  const toCandidate = (node: NodeSums, firstResult: number): SplitCandidate | undefined => {
    const best = bestResult(
      workspace,
      blocks.map((_, i) => resultAt(firstResult + i)),
    )
    if (best.feature < 0) return undefined
    const parent = shrunk(node.gradient * inverseG, l1) ** 2 / (node.hessian * inverseH + l2)
    const gain = best.score - parent
    // Below this share of the score a gain is rounding.
    if (!(gain > minGain && gain > best.score * 1e-12)) return undefined
    return { ...best, gain, missingLeft: missingSide(workspace, node, best) }
  }
  return {
    find: (nodes) => {
      const calls = nodes.flatMap((node, n) =>
        blocks.map((block, b) => [...argumentsOf(node, block), resultAt(n * blocks.length + b)] as const),
      )
      team.run('findBestSplit', calls, nodes.length * layout.featureCount * 256)
      return nodes.map((node, n) => toCandidate(node, n * blocks.length))
    },
    findCounted: (node, rowCount, minRows) => {
      const calls = blocks.map(
        (block, b) =>
          [
            ...argumentsOf(node, block),
            ...([layout.countHistogram, rowCount, minRows, 0, -Infinity, Infinity, resultAt(b)] as const),
          ] as const,
      )
      team.run('findBestSplitLimited', calls, layout.featureCount * 256)
      return toCandidate(node, 0)
    },
  }
}

/** Soft threshold of a gradient sum (Chen and Guestrin, 2016, with the l1 term). */
export function shrunk(gradient: number, l1: number): number {
  return Math.sign(gradient) * Math.max(Math.abs(gradient) - l1, 0)
}

function scanBlocks(featureCount: number): [first: number, end: number][] {
  return Array.from({ length: Math.ceil(featureCount / SCAN_BLOCK_FEATURES) }, (_, i) => [
    i * SCAN_BLOCK_FEATURES,
    Math.min(featureCount, (i + 1) * SCAN_BLOCK_FEATURES),
  ])
}

interface SplitResult extends Omit<SplitCandidate, 'gain'> {
  readonly score: number
}

/** Of equal scores the one of the first feature wins. */
function bestResult({ float64 }: Workspace, addresses: readonly number[]): SplitResult {
  let at = addresses[0]! / 8
  for (const address of addresses) {
    if (float64[address / 8]! > float64[at]! || float64[at + 1]! < 0) at = address / 8
  }
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
function missingSide({ int32 }: Workspace, node: NodeSums, split: SplitResult): boolean {
  const cell = (node.histogram + split.feature * FEATURE_HISTOGRAM_BYTES + 255 * 8) / 4
  const wasMissing = int32[cell] !== 0 || int32[cell + 1] !== 0
  return wasMissing ? split.missingLeft : split.leftHessian * 2 >= node.hessian
}
