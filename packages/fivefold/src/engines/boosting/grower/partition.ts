import { RECORD_BYTES } from '../kernels/memory-layout.ts'
import type { ThreadTeam } from '../kernels/thread-team.ts'
import type { Workspace } from '../kernels/workspace.ts'
import { type RecordRange, splitRange } from './histograms.ts'
import type { SplitCandidate } from './split-finder.ts'

/**
 * Reorders a node's records so that those that go left come first; both sides keep their order, so the result does not
 * depend on the number of threads. Returns how many go left.
 */
export function partition(workspace: Workspace, team: ThreadTeam, range: RecordRange, split: SplitCandidate): number {
  const { layout, kernels } = workspace
  const column = layout.train.columnBins + split.feature * layout.train.rowCount
  const recordsAt = (index: number): number => layout.records + index * RECORD_BYTES
  const scratchAt = (index: number): number => layout.recordScratch + index * RECORD_BYTES
  const parts = splitRange(range, team.size)
  const leftCounts =
    split.leftBins === undefined
      ? team.run(
          'partitionRecords',
          parts.map(({ begin, count }) => [
            ...([column, recordsAt(begin), count, split.bin, Number(split.missingLeft), scratchAt(begin)] as const),
          ]),
          range.count,
        )
      : team.run(
          'partitionBySides',
          parts.map(({ begin, count }) => [
            ...([column, recordsAt(begin), count, writeSides(workspace, split.leftBins!), scratchAt(begin)] as const),
          ]),
          range.count,
        )
  // Each part holds its left records in place; close the gaps, then bring the right ones back behind them.
  let end = range.begin
  for (const [part, { begin }] of parts.entries()) {
    if (begin !== end) kernels.copyBytes(recordsAt(end), recordsAt(begin), leftCounts[part]! * RECORD_BYTES)
    end += leftCounts[part]!
  }
  const leftCount = end - range.begin
  const copies = parts.map(({ begin, count }, part): [number, number, number] => {
    const rightCount = count - leftCounts[part]!
    const target = recordsAt(end)
    end += rightCount
    return [target, scratchAt(begin), rightCount * RECORD_BYTES]
  })
  team.run('copyBytes', copies, range.count)
  return leftCount
}

/** For each bin whether it goes right. */
function writeSides({ layout, bytes }: Workspace, leftBins: Uint32Array): number {
  for (let bin = 0; bin < 256; bin++) bytes[layout.binSides + bin] = 1 - ((leftBins[bin >> 5]! >>> (bin & 31)) & 1)
  return layout.binSides
}
