import { createRng } from '../core/index.ts'
import type { SampleTarget } from './analysis.ts'
import type { EncodedColumn } from './encoded-column.ts'

export interface Power {
  /** ROC AUC (mean over one-vs-rest for many classes), or R²; null where too few rows of a class are there. */
  readonly value: number | null
  readonly n: number
}

/** Weight of the overall mean in the mean of a bin, in rows. */
const SMOOTHING = 10
const SMALLEST_CLASS = 5

/**
 * How well one column alone predicts the target: means of the target in its bins, learned on one half of the rows and
 * judged on the other, both ways round. Finds any shape of dependence, and noise finds nothing.
 */
export function createPowerJudge(target: SampleTarget, seed: number): (column: EncodedColumn) => Power {
  const rows = rowsWithTarget(target)
  const halves = halvesOf(rows.length, seed)
  const values = target.kind === 'number' ? Float64Array.from(rows, (row) => target.values[row]!) : undefined
  const indicators = target.kind === 'classes' ? indicatorsOf(target, rows) : []
  return (column) => {
    const cells = cellsOf(column, rows, halves)
    const value = values ? r2(momentsOf(cells, values)) : meanAuc(indicators.map((one) => momentsOf(cells, one)))
    return { value, n: rows.length }
  }
}

function rowsWithTarget(target: SampleTarget): Uint32Array {
  const values = target.kind === 'number' ? target.values : target.codes
  const rows = new Uint32Array(values.length)
  let count = 0
  for (let row = 0; row < values.length; row++)
    if (values[row]! >= 0 || (target.kind === 'number' && !Number.isNaN(values[row]!))) rows[count++] = row
  return rows.slice(0, count)
}

function halvesOf(count: number, seed: number): Uint8Array {
  const rng = createRng(seed, 'power')
  return Uint8Array.from({ length: count }, () => rng.int(2))
}

/** 0 and 1 for each class; of two classes the second says it all. */
function indicatorsOf(
  { classes, codes }: Extract<SampleTarget, { kind: 'classes' }>,
  rows: Uint32Array,
): Float64Array[] {
  const judged = classes.length === 2 ? [1] : classes.map((_, klass) => klass)
  return judged.map((klass) => Float64Array.from(rows, (row) => (codes[row] === klass ? 1 : 0)))
}

interface Cells {
  /** Bin and half of each row, as 2 * bin + half. */
  readonly ofRow: Int32Array
  readonly count: number
}

function cellsOf(column: EncodedColumn, rows: Uint32Array, halves: Uint8Array): Cells {
  const codes = column.codes()
  // Missing is a bin of its own: that a value is missing may tell.
  const missing = column.levels()
  const ofRow = new Int32Array(rows.length)
  for (let i = 0; i < rows.length; i++) {
    const code = codes[rows[i]!]!
    ofRow[i] = 2 * (code < 0 ? missing : code) + halves[i]!
  }
  return { ofRow, count: 2 * (missing + 1) }
}

/** Of the target in each cell. */
interface Moments {
  readonly counts: Float64Array
  readonly sums: Float64Array
  readonly squares: Float64Array
}

function momentsOf({ ofRow, count }: Cells, values: Float64Array): Moments {
  const moments = { counts: new Float64Array(count), sums: new Float64Array(count), squares: new Float64Array(count) }
  for (let i = 0; i < ofRow.length; i++) {
    const cell = ofRow[i]!
    moments.counts[cell]!++
    moments.sums[cell]! += values[i]!
    moments.squares[cell]! += values[i]! ** 2
  }
  return moments
}

/** What each cell is predicted to hold: the mean of the same bin in the other half, drawn towards that half's mean. */
function predictions({ counts, sums }: Moments): Float64Array {
  const priors = [0, 1].map((half) => {
    const total = (values: Float64Array): number =>
      values.reduce((sum, value, cell) => (cell % 2 === half ? sum + value : sum), 0)
    return total(sums) / Math.max(1, total(counts))
  })
  return counts.map((_, cell) => {
    const other = cell ^ 1
    return (sums[other]! + SMOOTHING * priors[other % 2]!) / (counts[other]! + SMOOTHING)
  })
}

function r2(moments: Moments): number | null {
  const { counts, sums, squares } = moments
  const predicted = predictions(moments)
  const add = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0)
  const total = add(squares) - add(sums) ** 2 / add(counts)
  let residual = 0
  for (let cell = 0; cell < counts.length; cell++)
    residual += squares[cell]! - 2 * predicted[cell]! * sums[cell]! + counts[cell]! * predicted[cell]! ** 2
  return total > 0 ? Math.max(-1, 1 - residual / total) : null
}

function meanAuc(perClass: readonly Moments[]): number | null {
  const aucs = perClass.map(aucOf).filter((auc) => auc !== undefined)
  return aucs.length > 0 ? aucs.reduce((sum, auc) => sum + auc, 0) / aucs.length : null
}

/** Share of pairs of a positive and a negative row that are ranked rightly, ties half: all rows of a cell score alike. */
function aucOf(moments: Moments): number | undefined {
  const { counts, sums } = moments
  const predicted = predictions(moments)
  const cells = Array.from(counts.keys()).sort((a, b) => predicted[a]! - predicted[b]!)
  let negativesBelow = 0
  let positives = 0
  let ranked = 0
  for (let start = 0; start < cells.length; ) {
    let negatives = 0
    let here = 0
    let end = start
    for (; end < cells.length && predicted[cells[end]!] === predicted[cells[start]!]; end++) {
      here += sums[cells[end]!]!
      negatives += counts[cells[end]!]! - sums[cells[end]!]!
    }
    ranked += here * (negativesBelow + negatives / 2)
    negativesBelow += negatives
    positives += here
    start = end
  }
  return positives < SMALLEST_CLASS || negativesBelow < SMALLEST_CLASS
    ? undefined
    : ranked / (positives * negativesBelow)
}
