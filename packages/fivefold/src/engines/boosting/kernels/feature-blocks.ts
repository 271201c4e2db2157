import type { TrainingJob } from '../training/training-job.ts'
import type { Arena } from './arena.ts'

/** Histogram cells of a feature that every row is read of: 255 bins and the missing one, eight bytes each. */
export const FEATURE_HISTOGRAM_BYTES = 256 * 8
/** Features of one row-major block: their histogram, 64 KiB, stays near while a node's rows pass. */
const BLOCK_FEATURES = 32
/** Features of one block of lists: their cells can be told apart by 16 bits. */
const LISTED_BLOCK_FEATURES = 240
/** Listed features below which they are not worth a list a row. */
const LEAST_LISTED = 8
export const CELL_BYTES = 8
/** First bin, missing values, frequent value and total, as u32. */
export const FEATURE_CELLS_BYTES = 16
/** Cells are added, subtracted and searched four at a time. */
const CELL_GROUP = 4
export const GROUP_BYTES = CELL_GROUP * CELL_BYTES

/** Features whose bins lie together, a power of two of bytes a row, so that no row straddles a cache line. */
export interface RowBlock {
  readonly features: readonly number[]
  /** Where their cells begin in a histogram. */
  readonly cells: number
  /** Which of these cells are in use: the number of ranges, begin and end of each in bytes, u32. */
  readonly ranges: number
  readonly stride: number
  readonly rowBins: number
}

/**
 * Features with a value that most rows have: each row lists the cells of its other values, and the frequent value's cell
 * is what the others leave of the total (as in the sparse bins of LightGBM; Ke et al., 2017).
 */
export interface ListBlock {
  readonly features: readonly number[]
  /** Where their cells begin in a histogram; the first one is the total's. */
  readonly cells: number
  readonly ranges: number
  /** Where each row's list begins, and where the last one's ends; u32. */
  readonly starts: number
  /** Cells, counted from the block's first; u16. */
  readonly lists: number
}

export interface FeatureBlocks {
  readonly rowBlocks: readonly RowBlock[]
  readonly listBlocks: readonly ListBlock[]
  readonly histogramBytes: number
}

export function planFeatureBlocks(arena: Arena, job: TrainingJob): FeatureBlocks {
  const { read, listed } = chooseFeatures(job)
  const { rowCount } = job.train
  const rowBlocks = chunks(read, BLOCK_FEATURES).map((features, block): RowBlock => {
    const stride = 2 ** Math.ceil(Math.log2(features.length))
    return {
      ...{ features, stride },
      cells: block * BLOCK_FEATURES * FEATURE_HISTOGRAM_BYTES,
      ranges: arena.allocate(4 + 2 * features.length * 8),
      rowBins: arena.allocate(rowCount * stride),
    }
  })
  let histogramBytes = read.length * FEATURE_HISTOGRAM_BYTES
  const listBlocks = chunks(listed, LISTED_BLOCK_FEATURES).map((features): ListBlock => {
    const cells = histogramBytes
    histogramBytes += sum(features, (feature) => mostCells(job, feature)) * CELL_BYTES + GROUP_BYTES
    const entries = sum(features, (feature) => job.frequent[feature]!.otherRows)
    return {
      ...{ features, cells },
      ranges: arena.allocate(4 + 8),
      starts: arena.allocate((rowCount + 1) * 4),
      lists: arena.allocate(entries * 2),
    }
  })
  return { rowBlocks, listBlocks, histogramBytes }
}

/** Which features are read of every row, and which are listed. Constant ones are neither: no split is by them. */
function chooseFeatures({ train, frequent }: TrainingJob): { read: number[]; listed: number[] } {
  const all = [...train.features.keys()]
  const varying = all.filter((feature) => frequent[feature]?.otherRows !== 0)
  // Totals are those of some feature.
  if (varying.length === 0) return { read: [0], listed: [] }
  const listed = varying.filter((feature) => frequent[feature] !== undefined)
  if (listed.length < LEAST_LISTED) return { read: varying, listed: [] }
  return { read: varying.filter((feature) => frequent[feature] === undefined), listed }
}

/** Of its bins, and of missing values. */
function mostCells({ frequent, params }: TrainingJob, feature: number): number {
  return cellsOfListed(Math.min(params.maxBins, frequent[feature]!.otherRows + 1))
}

export function cellsOfListed(binCount: number): number {
  return roundUp(binCount, CELL_GROUP) + CELL_GROUP
}

function chunks(features: readonly number[], size: number): number[][] {
  return Array.from({ length: Math.ceil(features.length / size) }, (_, i) => features.slice(i * size, (i + 1) * size))
}

function sum(features: readonly number[], of: (feature: number) => number): number {
  return features.reduce((total, feature) => total + of(feature), 0)
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple
}
