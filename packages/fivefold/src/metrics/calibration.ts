import { FivefoldError } from '../core/index.ts'
import { argsortDescending } from './argsort.ts'
import { wilsonInterval } from './intervals.ts'
import { checkFinite } from './samples.ts'

export interface CalibrationBin {
  /** Mean predicted probability of the bin. */
  readonly predicted: number
  /** Share of positive rows, with its 95% interval. */
  readonly observed: number
  readonly low: number
  readonly high: number
  readonly rows: number
}

export interface CalibrationCurve {
  readonly bins: readonly CalibrationBin[]
  /** Expected calibration error: mean gap between predicted and observed over the bins, weighted by rows. */
  readonly expectedCalibrationError: number
  /** The largest gap of a bin. */
  readonly maximumCalibrationError: number
}

/**
 * Reliability of the probabilities of class 1 in bins of equally many rows (Naeini et al., 2015; equal mass as in Nguyen
 * and O'Connor, 2015: bins of equal width are mostly empty where classes are rare). Equal scores stay in one bin.
 */
export function calibrationCurve(scores: Float64Array, codes: Int32Array, binCount = 15): CalibrationCurve {
  if (scores.length !== codes.length)
    throw new FivefoldError('METRIC_INPUT', `${scores.length} scores for ${codes.length} rows`)
  checkFinite('score', scores)
  const order = argsortDescending(scores).reverse()
  const bins: CalibrationBin[] = []
  let start = 0
  for (let bin = 1; bin <= binCount && start < order.length; bin++) {
    let end = Math.max(start + 1, Math.round((bin * order.length) / binCount))
    while (end < order.length && scores[order[end]!] === scores[order[end - 1]!]) end++
    bins.push(binOf(scores, codes, order.subarray(start, end)))
    start = end
  }
  const gaps = bins.map((bin) => Math.abs(bin.predicted - bin.observed))
  const weighted = gaps.reduce((sum, gap, i) => sum + gap * bins[i]!.rows, 0)
  return {
    bins,
    expectedCalibrationError: scores.length === 0 ? 0 : weighted / scores.length,
    maximumCalibrationError: Math.max(0, ...gaps),
  }
}

function binOf(scores: Float64Array, codes: Int32Array, rows: Uint32Array): CalibrationBin {
  let sum = 0
  let positives = 0
  for (const row of rows) {
    sum += scores[row]!
    if (codes[row] === 1) positives++
  }
  const { value, low, high } = wilsonInterval(positives, rows.length)
  return { predicted: sum / rows.length, observed: value, low, high, rows: rows.length }
}
