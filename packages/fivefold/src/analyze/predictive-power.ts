import { createRng } from '../core/index.ts'
import { classificationMetric } from '../metrics/index.ts'
import type { SampleTarget } from './analysis.ts'
import type { EncodedColumn } from './encoded-column.ts'

export interface Power {
  /** ROC AUC (mean over one-vs-rest for many classes), or R²; null where too few rows of a class are there. */
  readonly value: number | null
  readonly n: number
}

const MOST_ROWS = 20_000
/** Weight of the overall mean in the mean of a bin, in rows. */
const SMOOTHING = 10

/**
 * How well one column alone predicts the target: means of the target in its bins, learned on one half of the rows and
 * judged on the other, both ways round. Finds any shape of dependence, and noise finds nothing.
 */
export function predictivePower(column: EncodedColumn, target: SampleTarget, seed: number): Power {
  const rows = rowsWithTarget(target)
  const halves = halvesOf(rows.length, seed)
  const bins = column.codes()
  const levels = column.levels() + 1
  // Missing is a bin of its own: that a value is missing may tell.
  const binOf = Int32Array.from(rows, (row) => (bins[row]! < 0 ? levels - 1 : bins[row]!))
  if (target.kind === 'number') {
    const values = Float64Array.from(rows, (row) => target.values[row]!)
    return { value: r2(values, foreignMeans(binOf, levels, halves, values)), n: rows.length }
  }
  const codes = Int32Array.from(rows, (row) => target.codes[row]!)
  return { value: meanAuc(codes, target.classes.length, (y) => foreignMeans(binOf, levels, halves, y)), n: rows.length }
}

function rowsWithTarget(target: SampleTarget): number[] {
  const rows: number[] = []
  const length = target.kind === 'number' ? target.values.length : target.codes.length
  const step = Math.max(1, Math.ceil(length / MOST_ROWS))
  for (let row = 0; row < length; row += step) {
    if (target.kind === 'number' ? !Number.isNaN(target.values[row]!) : target.codes[row]! >= 0) rows.push(row)
  }
  return rows
}

function halvesOf(count: number, seed: number): Uint8Array {
  const rng = createRng(seed, 'power')
  return Uint8Array.from({ length: count }, () => rng.int(2))
}

/** For each row the mean of `values` in its bin over the other half. */
function foreignMeans(binOf: Int32Array, levels: number, halves: Uint8Array, values: Float64Array): Float64Array {
  const sums = [new Float64Array(levels), new Float64Array(levels)]
  const counts = [new Float64Array(levels), new Float64Array(levels)]
  const totals = [0, 0]
  const rows = [0, 0]
  for (let i = 0; i < values.length; i++) {
    const half = halves[i]!
    sums[half]![binOf[i]!]! += values[i]!
    counts[half]![binOf[i]!]!++
    totals[half]! += values[i]!
    rows[half]!++
  }
  return Float64Array.from(values, (_, i) => {
    const other = 1 - halves[i]!
    const prior = rows[other]! > 0 ? totals[other]! / rows[other]! : 0
    return (sums[other]![binOf[i]!]! + SMOOTHING * prior) / (counts[other]![binOf[i]!]! + SMOOTHING)
  })
}

function r2(values: Float64Array, predicted: Float64Array): number | null {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let residual = 0
  let total = 0
  for (let i = 0; i < values.length; i++) {
    residual += (values[i]! - predicted[i]!) ** 2
    total += (values[i]! - mean) ** 2
  }
  return total > 0 ? 1 - residual / total : null
}

function meanAuc(
  codes: Int32Array,
  classCount: number,
  meansOf: (values: Float64Array) => Float64Array,
): number | null {
  const aucs: number[] = []
  // For two classes the second says it all.
  for (let klass = classCount === 2 ? 1 : 0; klass < classCount; klass++) {
    const indicator = Int32Array.from(codes, (code) => (code === klass ? 1 : 0))
    const auc = aucOf(indicator, meansOf(Float64Array.from(indicator)))
    if (auc !== undefined) aucs.push(auc)
  }
  return aucs.length > 0 ? aucs.reduce((sum, auc) => sum + auc, 0) / aucs.length : null
}

const SMALLEST_CLASS = 5

function aucOf(indicator: Int32Array, scores: Float64Array): number | undefined {
  const positives = indicator.reduce((sum, code) => sum + code, 0)
  if (positives < SMALLEST_CLASS || indicator.length - positives < SMALLEST_CLASS) return undefined
  const probabilities = new Float64Array(indicator.length * 2)
  for (let i = 0; i < indicator.length; i++) {
    const score = Math.min(1, Math.max(0, scores[i]!))
    probabilities[2 * i] = 1 - score
    probabilities[2 * i + 1] = score
  }
  return classificationMetric('rocAuc', { codes: indicator, probabilities, classCount: 2 })
}
