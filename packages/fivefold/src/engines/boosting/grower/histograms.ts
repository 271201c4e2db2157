import { cellOf, featureCells } from '../binning/cell-tables.ts'
import type { Kernels } from '../kernels/kernels.ts'
import { RECORD_BYTES } from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import type { Workspace } from '../kernels/workspace.ts'

/** A run of records: the rows of one node. */
export interface RecordRange {
  readonly begin: number
  readonly count: number
}

/** Rows whose bins are loaded ahead of their use, where they lie scattered. */
const TOUCH_AHEAD_ROWS = 16
/** Nodes with more than this share of the rows read memory nearly in order, and the processor's own prefetch does. */
const SEQUENTIAL_SHARE = 0.5
/** Rows below which a part of a node is not worth a thread and the merging of its histogram. */
const LEAST_ROWS_A_PART = 1024
/** Features that one call completes. */
const FINISHED_FEATURES = 16

/**
 * Builds the histogram of a node's records at `histogram`, and takes it off its parent's (unless that is 0), which leaves
 * the sibling's.
 */
export function buildHistogram(
  workspace: Workspace,
  team: ThreadTeam,
  range: RecordRange,
  histogram: number,
  parent = 0,
): void {
  const { rowBlocks, listBlocks } = workspace.layout
  // Wide tables are shared out by blocks of features, narrow ones by rows into private histograms that are then added.
  const parts = rowBlocks.length + listBlocks.length >= 2 * team.size ? [range] : splitRange(range, team.size)
  accumulateLists(workspace, team, parts, histogram)
  accumulateRows(workspace, team, parts, histogram)
  finish(workspace, team, parts.length - 1, histogram, parent)
}

function accumulateRows(
  workspace: Workspace,
  team: ThreadTeam,
  parts: readonly RecordRange[],
  histogram: number,
): void {
  const { layout } = workspace
  const count = sizeOf(parts)
  const touchAhead = count < layout.train.rowCount * SEQUENTIAL_SHARE ? TOUCH_AHEAD_ROWS : 0
  const calls: Parameters<Kernels['accumulateHistogram']>[] = []
  for (const [part, { begin, count }] of parts.entries())
    for (const { cells, ranges, features, stride, rowBins } of layout.rowBlocks) {
      const target = partAt(workspace, histogram, part) + cells
      const records = layout.records + begin * RECORD_BYTES
      calls.push([rowBins, stride, records, count, target, ranges, features.length, touchAhead])
    }
  team.run('accumulateHistogram', calls, count * layout.featureCount)
}

function accumulateLists(
  workspace: Workspace,
  team: ThreadTeam,
  parts: readonly RecordRange[],
  histogram: number,
): void {
  const { layout } = workspace
  if (layout.listBlocks.length === 0) return
  const calls: Parameters<Kernels['accumulateLists']>[] = []
  for (const [part, { begin, count }] of parts.entries())
    for (const { cells, ranges, starts, lists } of layout.listBlocks) {
      const target = partAt(workspace, histogram, part) + cells
      calls.push([starts, lists, layout.records + begin * RECORD_BYTES, count, target, ranges])
    }
  team.run('accumulateLists', calls, sizeOf(parts) * layout.featureCount)
}

/** The first part of a node's records goes straight into its histogram, the others into private ones. */
function partAt({ layout }: Workspace, histogram: number, part: number): number {
  return part === 0 ? histogram : layout.privateHistograms + (part - 1) * layout.histogramBytes
}

function finish(
  { layout }: Workspace,
  team: ThreadTeam,
  privateParts: number,
  histogram: number,
  parent: number,
): void {
  const { featureCount, privateHistograms, histogramBytes, featureCells, binCounts } = layout
  const calls: Parameters<Kernels['finishHistogram']>[] = []
  for (let first = 0; first < featureCount; first += FINISHED_FEATURES) {
    const end = Math.min(featureCount, first + FINISHED_FEATURES)
    calls.push([
      histogram,
      privateHistograms,
      histogramBytes,
      privateParts,
      parent,
      first,
      end,
      featureCells,
      binCounts,
    ])
  }
  team.run('finishHistogram', calls, featureCount * 256 * (privateParts + 1))
}

function sizeOf(parts: readonly RecordRange[]): number {
  return parts.reduce((sum, { count }) => sum + count, 0)
}

/** Consecutive parts of about equal size, as many as threads where the rows suffice. */
export function splitRange({ begin, count }: RecordRange, threads: number): RecordRange[] {
  const parts = Math.max(1, Math.min(threads, Math.floor(count / LEAST_ROWS_A_PART)))
  return Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((count * part) / parts)
    return { begin: begin + from, count: Math.floor((count * (part + 1)) / parts) - from }
  })
}

/** Gradient and hessian sums of a node: those of all bins of any one feature. */
export function totalsOf(workspace: Workspace, histogram: number): { gradient: number; hessian: number } {
  const { layout, int32, uint32 } = workspace
  const [block] = [...layout.rowBlocks, ...layout.listBlocks]
  const sum = { gradient: 0, hessian: 0 }
  for (const cell of cellsOfFeature(workspace, block!.features[0]!)) {
    sum.hessian += uint32[(histogram + cell) / 4]!
    sum.gradient += int32[(histogram + cell) / 4 + 1]!
  }
  return sum
}

function cellsOfFeature(workspace: Workspace, feature: number): number[] {
  const cells = featureCells(workspace, feature)
  const bins = workspace.int32[workspace.layout.binCounts / 4 + feature]!
  return [cells.missing, ...Array.from({ length: bins }, (_, bin) => cellOf(cells, bin))]
}

/** Rows in each bin of one feature, for the nodes where a least number of rows decides. */
export function countRows({ layout, kernels }: Workspace, { begin, count }: RecordRange, feature: number): void {
  const { columnBins, rowCount } = layout.train
  const records = layout.records + begin * RECORD_BYTES
  kernels.countBins(columnBins + feature * rowCount, records, count, layout.countHistogram + feature * 1024)
}
