import { FEATURE_HISTOGRAM_BYTES, RECORD_BYTES } from '../kernels/memory-layout.ts'
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
const MISSING_BIN = 255
/** Rows below which a part of a node is not worth a thread and the merging of its histogram. */
const LEAST_ROWS_A_PART = 1024

/** Builds the histogram of a node's records at `histogram`. */
export function buildHistogram(workspace: Workspace, team: ThreadTeam, range: RecordRange, histogram: number): void {
  const { layout, kernels } = workspace
  const { blocks, featureCount, binCounts } = layout
  const touchAhead = range.count < layout.train.rowCount * SEQUENTIAL_SHARE ? TOUCH_AHEAD_ROWS : 0
  // Wide tables are shared out by blocks of features, narrow ones by rows into private histograms that are then added.
  const parts = blocks.length >= 2 * team.size ? [range] : splitRange(range, team.size)
  const targets = [histogram, ...layout.privateHistograms.slice(0, parts.length - 1)]
  for (const target of targets) kernels.clearHistogram(target, featureCount, binCounts)
  const calls = parts.flatMap(({ begin, count }, part) =>
    blocks.map(({ firstFeature, paddedCount, stride, rowBins }): Parameters<typeof kernels.accumulateHistogram> => {
      const cells = targets[part]! + firstFeature * FEATURE_HISTOGRAM_BYTES
      return [rowBins, stride, layout.records + begin * RECORD_BYTES, count, cells, paddedCount, touchAhead]
    }),
  )
  team.run('accumulateHistogram', calls, range.count * layout.featureCount)
  for (const part of targets.slice(1)) kernels.addHistogram(histogram, part, featureCount, binCounts)
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
export function totalsOf(
  { layout, int32, uint32 }: Workspace,
  histogram: number,
): { gradient: number; hessian: number } {
  const word = histogram / 4
  let gradient = int32[word + 2 * MISSING_BIN + 1]!
  let hessian = uint32[word + 2 * MISSING_BIN]!
  for (let bin = 0; bin < int32[layout.binCounts / 4]!; bin++) {
    hessian += uint32[word + 2 * bin]!
    gradient += int32[word + 2 * bin + 1]!
  }
  return { gradient, hessian }
}

/** Rows in each bin of one feature, for the nodes where a least number of rows decides. */
export function countRows({ layout, kernels }: Workspace, { begin, count }: RecordRange, feature: number): void {
  const { columnBins, rowCount } = layout.train
  const records = layout.records + begin * RECORD_BYTES
  kernels.countBins(columnBins + feature * rowCount, records, count, layout.countHistogram + feature * 1024)
}
