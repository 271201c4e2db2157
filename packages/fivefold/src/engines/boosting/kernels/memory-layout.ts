import { hasGivenGradients, type Link, linkOf } from '../loss/objective.ts'
import type { TrainingJob } from '../training/training-job.ts'
import { type Arena, createArena } from './arena.ts'
import { FEATURE_CELLS_BYTES, type FeatureBlocks, planFeatureBlocks, roundUp } from './feature-blocks.ts'

export const RECORD_BYTES = 8
export const NODE_BYTES = 16
/** A bit for each bin. */
export const BIN_SET_BYTES = 32
/** Four doubles and a set of bins. */
export const CATEGORY_RESULT_BYTES = 32 + BIN_SET_BYTES
/** Doubles that a split search writes. */
export const SPLIT_RESULT_BYTES = 64
/** Features that one split search covers. Fixed, so that ties fall alike whatever the number of threads. */
export const SCAN_BLOCK_FEATURES = 64
/** Rows over which one floating-point partial sum runs. Fixed for the same reason. */
export const SUM_CHUNK_ROWS = 16_384
export const STATISTICS_BYTES = 32
/** Rows that are binned at a time: their row-major bins stay in the second-level cache. */
export const BIN_CHUNK_ROWS = 4096
/** Rows that quantiles are taken from. */
export const QUANTILE_SAMPLE_ROWS = 200_000
const RADIX_COUNTER_BYTES = 3 * 2048 * 4
/** Which rows a task works on. */
export const TRAIN_ROWS = 0
export const VALIDATION_ROWS = 1
/** Histograms of open leaves beyond this are dropped and built again when needed. */
const HISTOGRAM_BUDGET_BYTES = 2 ** 30
const LEAST_HISTOGRAMS = 4
const ROW_ALIGNMENT = 128

/** Rows with their scores; all addresses in bytes. Arrays of one float a row are padded to a multiple of four rows. */
export interface RowsLayout {
  readonly rowCount: number
  /** Distance between the scores of two outputs. */
  readonly outputBytes: number
  /** One byte a row, features one after the other. */
  readonly columnBins: number
  readonly scores: number
  /** Probabilities; except for classification the scores themselves. */
  readonly predictions: number
  readonly targets: number
  /** 0 where all weigh the same. */
  readonly weights: number
}

export interface MemoryLayout extends FeatureBlocks {
  readonly train: RowsLayout
  readonly validation: RowsLayout | undefined
  readonly featureCount: number
  readonly cuts: number
  readonly binCounts: number
  /** Where each feature's cells lie in a histogram, FEATURE_CELLS_BYTES a feature. */
  readonly featureCells: number
  /**
   * Bin counts with 0 for features that may not be split on by threshold: in the current tree, and in either of the two
   * nodes that are searched together.
   */
  readonly treeBinCounts: number
  readonly nodeBinCounts: readonly [number, number]
  /** Direction of each feature where some are to be monotone, else 0. */
  readonly directions: number
  /** Gradient and hessian of each row, where no kernel computes them; else 0. */
  readonly gradients: number
  readonly hessians: number
  /** For each bin whether it goes right, of the split by category that is being made. */
  readonly binSides: number
  /** Fold of each training row, in cross-validation; else 0. */
  readonly folds: number
  /** Bits of the bins on the left, 32 bytes for each node of the tree that is being added to scores. */
  readonly nodeSets: number
  readonly records: number
  readonly recordScratch: number
  readonly statistics: number
  readonly histograms: readonly number[]
  /** One behind the other for each thread but the first, for its share of the rows of a node. */
  readonly privateHistograms: number
  readonly countHistogram: number
  readonly splitResults: number
  /** One split result for each feature. */
  readonly featureResults: number
  readonly categoricalCount: number
  readonly categoryResults: number
  readonly leafSums: number
  readonly nodes: number
  /** Room of each thread for sorting and binning. */
  readonly threadScratch: readonly ThreadScratch[]
  readonly totalBytes: number
}

interface ThreadScratch {
  readonly values: number
  readonly sortBuffer: number
  readonly counters: number
  /** Takes the row-major copies that nobody wants. */
  readonly discard: number
}

/** Lays out everything that a job needs in one memory; nothing is allocated later. */
export function planMemory(job: TrainingJob, threads: number): MemoryLayout {
  const arena = createArena()
  const { params, objective, train } = job
  const featureCount = train.features.length
  const paddedFeatures = roundUp(featureCount, 4)
  const blocks = planFeatureBlocks(arena, job)
  const { histogramBytes } = blocks
  const slots = Math.max(LEAST_HISTOGRAMS, Math.floor(HISTOGRAM_BUDGET_BYTES / histogramBytes))
  const maxNodes = 2 * params.maxLeaves
  const categoricalCount = job.categories.filter((bins) => bins !== undefined).length
  const givenGradients = hasGivenGradients(objective)
  const rows = (rowCount: number, weighted: boolean): RowsLayout =>
    planRows(arena, rowCount, paddedFeatures, objective.outputCount, linkOf(objective.name), weighted)
  const recordBytes = (roundUp(train.rowCount, 4) + 8) * RECORD_BYTES
  const scanBlocks = Math.ceil(featureCount / SCAN_BLOCK_FEATURES)
  const many = (count: number, sizeBytes: number) => Array.from({ length: count }, () => arena.allocate(sizeBytes))
  const layout = {
    ...blocks,
    train: rows(train.rowCount, train.weights !== undefined),
    validation:
      job.validation === undefined ? undefined : rows(job.validation.rowCount, job.validation.weights !== undefined),
    featureCount,
    cuts: arena.allocate(paddedFeatures * 256 * 4),
    binCounts: arena.allocate(paddedFeatures * 4),
    featureCells: arena.allocate(featureCount * FEATURE_CELLS_BYTES),
    treeBinCounts: arena.allocate(paddedFeatures * 4),
    nodeBinCounts: [arena.allocate(paddedFeatures * 4), arena.allocate(paddedFeatures * 4)] as const,
    directions: job.rules.directions === undefined ? 0 : arena.allocate(paddedFeatures * 4),
    gradients: givenGradients ? arena.allocate(roundUp(train.rowCount, 4) * 4) : 0,
    hessians: givenGradients ? arena.allocate(roundUp(train.rowCount, 4) * 4) : 0,
    binSides: arena.allocate(256),
    folds: job.folds === undefined ? 0 : arena.allocate(train.rowCount),
    nodeSets: categoricalCount > 0 ? arena.allocate(maxNodes * BIN_SET_BYTES) : 0,
    records: arena.allocate(recordBytes),
    recordScratch: arena.allocate(recordBytes),
    statistics: arena.allocate(chunkCount(train.rowCount) * STATISTICS_BYTES),
    histograms: many(Math.min(params.maxLeaves + 1, slots), histogramBytes),
    privateHistograms: arena.allocate((threads - 1) * histogramBytes),
    countHistogram: arena.allocate(paddedFeatures * 256 * 4),
    splitResults: arena.allocate(2 * scanBlocks * SPLIT_RESULT_BYTES),
    featureResults: arena.allocate(featureCount * SPLIT_RESULT_BYTES),
    categoricalCount,
    categoryResults: arena.allocate(2 * categoricalCount * CATEGORY_RESULT_BYTES),
    leafSums: arena.allocate(params.maxLeaves * 16),
    nodes: arena.allocate(maxNodes * NODE_BYTES),
    threadScratch: Array.from({ length: threads }, () => planScratch(arena, train.rowCount)),
  }
  return { ...layout, totalBytes: arena.sizeBytes() }
}

export function chunkCount(rowCount: number): number {
  return Math.ceil(rowCount / SUM_CHUNK_ROWS)
}

function planRows(
  arena: Arena,
  rowCount: number,
  paddedFeatures: number,
  outputCount: number,
  link: Link,
  weighted: boolean,
): RowsLayout {
  const outputBytes = roundUp(rowCount * 4, ROW_ALIGNMENT)
  const scores = arena.allocate(outputBytes * outputCount)
  const needsPredictions = link === 'logistic' || link === 'softmax'
  return {
    rowCount,
    outputBytes,
    columnBins: arena.allocate(rowCount * paddedFeatures),
    scores,
    predictions: needsPredictions ? arena.allocate(outputBytes * outputCount) : scores,
    targets: arena.allocate(outputBytes),
    weights: weighted ? arena.allocate(outputBytes) : 0,
  }
}

function planScratch(arena: Arena, rowCount: number): ThreadScratch {
  const sampleBytes = Math.max(Math.min(rowCount, QUANTILE_SAMPLE_ROWS), BIN_CHUNK_ROWS) * 4
  return {
    values: arena.allocate(sampleBytes),
    sortBuffer: arena.allocate(sampleBytes),
    counters: arena.allocate(RADIX_COUNTER_BYTES),
    discard: arena.allocate(4),
  }
}
