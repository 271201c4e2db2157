import {
  argsortDescending,
  linearisedMean,
  normalQuantile,
  quantileOfSorted,
  type RegressionSample,
  varianceOf,
} from '../metrics/index.ts'
import { LARGEST_ERRORS } from './classification-detail.ts'
import type { PredictedBin, RegressionDetail, RegressionError } from './evaluation.ts'

const QUANTILES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
const HISTOGRAM_BINS = 40
const PREDICTED_BINS = 20
const POINTS = 500

export function describeRegression(sample: RegressionSample): RegressionDetail {
  const { actual, predicted } = sample
  const residuals = actual.map((y, i) => y - predicted[i]!)
  const sorted = residuals.slice().sort()
  const mean = linearisedMean(residuals)
  const half = normalQuantile(0.975) * Math.sqrt(varianceOf(mean))
  const order = argsortDescending(predicted).reverse()
  return {
    bias: { value: mean.value, low: mean.value - half, high: mean.value + half },
    residualQuantiles: QUANTILES.map((probability) => ({ probability, value: quantileOfSorted(sorted, probability) })),
    residualHistogram: histogramOf(sorted),
    byPredicted: binsByPredicted(sample, order),
    points: evenly(order, POINTS).map((row) => ({ actual: actual[row]!, predicted: predicted[row]! })),
    largestErrors: largestErrors(sample, residuals),
  }
}

/** Between the 0.5% and the 99.5% quantile, so that a single wild row does not flatten the picture; the ends take the rest. */
function histogramOf(sorted: Float64Array): RegressionDetail['residualHistogram'] {
  const low = quantileOfSorted(sorted, 0.005)
  const high = quantileOfSorted(sorted, 0.995)
  if (!(high > low)) return [{ low, high, rows: sorted.length }]
  const width = (high - low) / HISTOGRAM_BINS
  const counts = new Float64Array(HISTOGRAM_BINS)
  for (const value of sorted) counts[Math.min(HISTOGRAM_BINS - 1, Math.max(0, Math.floor((value - low) / width)))]!++
  return Array.from(counts, (rows, bin) => ({ low: low + bin * width, high: low + (bin + 1) * width, rows }))
}

function binsByPredicted({ actual, predicted }: RegressionSample, order: Uint32Array): PredictedBin[] {
  const bins = Math.min(PREDICTED_BINS, Math.max(1, Math.floor(order.length / 10)))
  return Array.from({ length: bins }, (_, bin) => {
    const rows = order.subarray(Math.floor((bin * order.length) / bins), Math.floor(((bin + 1) * order.length) / bins))
    const residuals = Float64Array.from(rows, (row) => actual[row]! - predicted[row]!).sort()
    return {
      predicted: linearisedMean(Float64Array.from(rows, (row) => predicted[row]!)).value,
      actual: linearisedMean(Float64Array.from(rows, (row) => actual[row]!)).value,
      rows: rows.length,
      residualLow: quantileOfSorted(residuals, 0.1),
      residualMedian: quantileOfSorted(residuals, 0.5),
      residualHigh: quantileOfSorted(residuals, 0.9),
    }
  })
}

function evenly(order: Uint32Array, count: number): number[] {
  if (order.length <= count) return Array.from(order)
  return Array.from({ length: count }, (_, i) => order[Math.floor((i * (order.length - 1)) / (count - 1))]!)
}

function largestErrors({ actual, predicted }: RegressionSample, residuals: Float64Array): RegressionError[] {
  const worst = argsortDescending(residuals.map(Math.abs)).subarray(0, LARGEST_ERRORS)
  return Array.from(worst, (row) => ({ row, actual: actual[row]!, predicted: predicted[row]! }))
}
