import {
  CELL_BYTES,
  cellsOfListed,
  FEATURE_CELLS_BYTES,
  FEATURE_HISTOGRAM_BYTES,
  GROUP_BYTES,
  type ListBlock,
  type RowBlock,
} from '../kernels/feature-blocks.ts'
import type { Workspace } from '../kernels/workspace.ts'

const MISSING_BIN = 255
/** A feature that is not listed has no cell for a frequent value, and needs no total. */
const NONE = [0, 0] as const

/** Where a feature's bins lie in a histogram, and its missing values; bytes from its beginning. */
export interface FeatureCells {
  readonly first: number
  readonly missing: number
}

export function featureCells({ layout, uint32 }: Workspace, feature: number): FeatureCells {
  const at = (layout.featureCells + feature * FEATURE_CELLS_BYTES) / 4
  return { first: uint32[at]!, missing: uint32[at + 1]! }
}

export function cellOf({ first, missing }: FeatureCells, bin: number): number {
  return bin === MISSING_BIN ? missing : first + bin * CELL_BYTES
}

/** Lays out the histograms, once the cuts are known. */
export function writeCellTables(workspace: Workspace): void {
  const { rowBlocks, listBlocks, featureCount, binCounts } = workspace.layout
  for (const block of rowBlocks) writeRowBlock(workspace, block)
  for (const block of listBlocks) writeListBlock(workspace, block)
  const stored = new Set([...rowBlocks, ...listBlocks].flatMap(({ features }) => features))
  // What is in no block is constant: it has no cells, and splits nothing.
  for (let feature = 0; feature < featureCount; feature++)
    if (!stored.has(feature)) workspace.int32[binCounts / 4 + feature] = 0
}

function writeRowBlock(workspace: Workspace, { features, cells, ranges }: RowBlock): void {
  const used: [begin: number, end: number][] = []
  const use = (begin: number, end: number): void => {
    const last = used.at(-1)
    if (last !== undefined && last[1] >= begin) last[1] = end
    else used.push([begin, end])
  }
  for (const [i, feature] of features.entries()) {
    const first = i * FEATURE_HISTOGRAM_BYTES
    const lastGroup = first + FEATURE_HISTOGRAM_BYTES - GROUP_BYTES
    const binBytes = Math.ceil((binCount(workspace, feature) * CELL_BYTES) / GROUP_BYTES) * GROUP_BYTES
    use(first, Math.min(first + binBytes, lastGroup))
    use(lastGroup, lastGroup + GROUP_BYTES)
    writeCells(workspace, feature, [cells + first, cells + first + MISSING_BIN * CELL_BYTES, ...NONE])
  }
  workspace.uint32.set([used.length, ...used.flat()], ranges / 4)
}

/** Cells of listed features lie close: of few values each, they would else fall on the same lines of the cache. */
function writeListBlock(workspace: Workspace, { features, cells, ranges }: ListBlock): void {
  let first = cells + GROUP_BYTES
  for (const feature of features) {
    const end = first + cellsOfListed(binCount(workspace, feature)) * CELL_BYTES
    const missing = end - GROUP_BYTES
    const frequent = cellOf({ first, missing }, frequentBin(workspace, feature))
    writeCells(workspace, feature, [first, missing, frequent, cells])
    first = end
  }
  workspace.uint32.set([1, 0, first - cells], ranges / 4)
}

/** The bin of a feature's frequent value. */
export function frequentBin({ job, layout, float32 }: Workspace, feature: number): number {
  const { value } = job.frequent[feature]!
  if (Number.isNaN(value)) return MISSING_BIN
  const cuts = float32.subarray(layout.cuts / 4 + feature * 256, layout.cuts / 4 + (feature + 1) * 256)
  return cuts.reduce((bin, cut) => bin + Number(cut < value), 0)
}

function writeCells({ layout, uint32 }: Workspace, feature: number, cells: readonly number[]): void {
  uint32.set(cells, (layout.featureCells + feature * FEATURE_CELLS_BYTES) / 4)
}

function binCount({ layout, int32 }: Workspace, feature: number): number {
  return int32[layout.binCounts / 4 + feature]!
}
