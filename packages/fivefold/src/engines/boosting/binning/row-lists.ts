import { CELL_BYTES, type ListBlock } from '../kernels/feature-blocks.ts'
import type { Workspace } from '../kernels/workspace.ts'
import { featureCells, frequentBin } from './cell-tables.ts'

/** Counts the rows' values that are not the frequent ones, where their lists' beginnings will be. */
export function countRowLists(workspace: Workspace, block: ListBlock, begin: number, end: number): void {
  const { kernels, bytes, layout } = workspace
  const { columnBins, rowCount } = layout.train
  bytes.fill(0, block.starts + begin * 4, block.starts + end * 4)
  for (const feature of block.features) {
    const column = columnBins + feature * rowCount + begin
    kernels.countOthers(column, end - begin, frequentBin(workspace, feature), block.starts + begin * 4)
  }
}

/** Writes the lists of some rows, feature by feature. */
export function fillRowLists(workspace: Workspace, block: ListBlock, firstRow: number, rowCount: number): void {
  const { kernels, layout, threadIndex } = workspace
  const cursors = layout.threadScratch[threadIndex]!.values
  kernels.copyBytes(cursors, block.starts + firstRow * 4, rowCount * 4)
  for (const feature of block.features) {
    const { first, missing } = featureCells(workspace, feature)
    kernels.listOthers(
      layout.train.columnBins + feature * layout.train.rowCount + firstRow,
      rowCount,
      frequentBin(workspace, feature),
      (first - block.cells) / CELL_BYTES,
      (missing - block.cells) / CELL_BYTES,
      cursors,
      block.lists,
    )
  }
}
