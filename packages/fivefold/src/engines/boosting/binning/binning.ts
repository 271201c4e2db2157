import { BIN_CHUNK_ROWS, QUANTILE_SAMPLE_ROWS, TRAIN_ROWS } from '../kernels/memory-layout.ts'
import { floatsAt, type Workspace } from '../kernels/workspace.ts'
import { type CategoryBins, categoryBin } from './categories.ts'
import { chooseCuts, sampleRows } from './cuts.ts'
import { countRowLists, fillRowLists } from './row-lists.ts'

const MAX_FLOAT = (2 - 2 ** -23) * 2 ** 127

/** The part of binning that threads do: quantiles of a feature, bins of a range of rows. */
export interface BinningTasks {
  cutFeature(feature: number): void
  binRowRange(which: number, begin: number, end: number): void
  /** Of a range of training rows: how long the lists of a block are, and the lists. */
  countRowLists(block: number, begin: number, end: number): void
  fillRowLists(block: number, begin: number, end: number): void
}

export function createBinningTasks(workspace: Workspace): BinningTasks {
  const { layout } = workspace
  // Drawn once a thread, when its first feature comes: the same rows in each.
  let sample: Uint32Array | undefined
  return {
    cutFeature: (feature) => {
      sample ??= sampleRows(workspace.job.train.rowCount, QUANTILE_SAMPLE_ROWS, workspace.job.seed)
      cutFeature(workspace, feature, sample)
    },
    binRowRange: (which, begin, end) => {
      for (let row = begin; row < end; row += BIN_CHUNK_ROWS)
        binChunk(workspace, which, row, Math.min(BIN_CHUNK_ROWS, end - row))
    },
    countRowLists: (block, begin, end) => countRowLists(workspace, layout.listBlocks[block]!, begin, end),
    fillRowLists: (block, begin, end) => {
      for (let row = begin; row < end; row += BIN_CHUNK_ROWS)
        fillRowLists(workspace, layout.listBlocks[block]!, row, Math.min(BIN_CHUNK_ROWS, end - row))
    },
  }
}

function cutFeature(workspace: Workspace, feature: number, sample: Uint32Array): void {
  const { job, layout, kernels } = workspace
  const categories = job.categories[feature]
  if (categories !== undefined) {
    workspace.int32[layout.binCounts / 4 + feature] = categories.codes.length
    return
  }
  const scratch = layout.threadScratch[workspace.threadIndex]!
  const values = floatsAt(workspace, scratch.values, sample.length)
  const present = gatherPresent(job.train.features[feature]!, sample, values)
  kernels.sortFloats(scratch.values, scratch.sortBuffer, present, scratch.counters)
  const cuts = floatsAt(workspace, layout.cuts + feature * 1024, 256).fill(Number.POSITIVE_INFINITY)
  const cutCount = chooseCuts(values.subarray(0, present), job.params.maxBins, cuts)
  workspace.int32[layout.binCounts / 4 + feature] = cutCount + 1
}

function gatherPresent(column: Float32Array, rows: Uint32Array, into: Float32Array): number {
  let size = 0
  for (let i = 0; i < rows.length; i++) {
    const value = column[rows[i]!]!
    // Cuts lie between finite values. + 0 makes one zero of both, which sort apart by their bits.
    if (!Number.isNaN(value)) into[size++] = Math.min(Math.max(value, -MAX_FLOAT), MAX_FLOAT) + 0
  }
  return size
}

/** Copies a piece of each feature into the memory and bins it; the whole matrix is never there at once. */
function binChunk(workspace: Workspace, which: number, firstRow: number, rowCount: number): void {
  const { job, layout, kernels } = workspace
  const scratch = layout.threadScratch[workspace.threadIndex]!
  const isTraining = which === TRAIN_ROWS
  const rows = isTraining ? job.train : job.validation!
  const { columnBins } = isTraining ? layout.train : layout.validation!
  const values = floatsAt(workspace, scratch.values, rowCount)
  const bin = (feature: number, rowBins: number, stride: number): void => {
    const categories = job.categories[feature]
    if (categories !== undefined) {
      binCategoryChunk(workspace, categories, rows.features[feature]!, columnBins + feature * rows.rowCount, {
        ...{ firstRow, rowCount, rowBins, stride },
      })
      return
    }
    values.set(rows.features[feature]!.subarray(firstRow, firstRow + rowCount))
    const column = columnBins + feature * rows.rowCount + firstRow
    kernels.binColumn(scratch.values, rowCount, layout.cuts + feature * 1024, column, rowBins, stride)
  }
  const isInRows = new Set<number>()
  if (isTraining)
    for (const { features, stride, rowBins } of layout.rowBlocks)
      for (const [i, feature] of features.entries()) {
        isInRows.add(feature)
        bin(feature, rowBins + firstRow * stride + i, stride)
      }
  for (let feature = 0; feature < layout.featureCount; feature++)
    if (!isInRows.has(feature)) bin(feature, scratch.discard, 0)
}

function binCategoryChunk(
  { bytes }: Workspace,
  categories: CategoryBins,
  values: Float32Array,
  columnBins: number,
  { firstRow, rowCount, rowBins, stride }: { firstRow: number; rowCount: number; rowBins: number; stride: number },
): void {
  for (let i = 0; i < rowCount; i++) {
    const bin = categoryBin(categories, values[firstRow + i]!)
    bytes[columnBins + firstRow + i] = bin
    bytes[rowBins + i * stride] = bin
  }
}
