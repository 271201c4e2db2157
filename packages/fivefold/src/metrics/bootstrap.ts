import { createRng } from '../core/index.ts'
import { containing } from './intervals.ts'
import type { MetricValue } from './names.ts'
import { linearisedMoments, type MomentMetric } from './regression-metrics.ts'
import { normalCdf, normalQuantile } from './special-functions.ts'

/** Replicates of the bootstrap: enough for the ends of a 95% interval. */
export const BOOTSTRAP_REPLICATES = 999

/**
 * Bias-corrected and accelerated bootstrap interval (Efron, 1987), 95%, of a function of means. The acceleration comes
 * from the skewness of the first-order effects. Replicates in which the metric is undefined are left out.
 */
export function bootstrapInterval(metric: MomentMetric, seed: number): MetricValue {
  const { value, effects } = linearisedMoments(metric)
  const replicates = resampledValues(metric, seed)
  if (replicates.length === 0) return containing(value, value, value)
  const bias = normalQuantile(clamp(shareBelow(replicates, value), 0.5 / replicates.length))
  const acceleration = accelerationOf(effects)
  const end = (probability: number): number => {
    const z = bias + normalQuantile(probability)
    const shifted = normalCdf(bias + z / (1 - acceleration * z))
    return quantileOfSorted(replicates, clamp(shifted, 0.5 / replicates.length))
  }
  return containing(value, end(0.025), end(0.975))
}

function resampledValues(metric: MomentMetric, seed: number): Float64Array {
  const rng = createRng(seed, 'bootstrap')
  const rows = metric.columns[0]!.length
  const means = new Float64Array(metric.columns.length)
  const values = new Float64Array(BOOTSTRAP_REPLICATES)
  for (let replicate = 0; replicate < values.length; replicate++) {
    means.fill(0)
    for (let draw = 0; draw < rows; draw++) {
      const row = rng.int(rows)
      for (let c = 0; c < means.length; c++) means[c]! += metric.columns[c]![row]!
    }
    for (let c = 0; c < means.length; c++) means[c]! /= rows
    values[replicate] = metric.of(means)
  }
  return values.filter(Number.isFinite).sort()
}

function accelerationOf(effects: Float64Array): number {
  let squares = 0
  let cubes = 0
  for (const effect of effects) {
    squares += effect * effect
    cubes += effect ** 3
  }
  return squares > 0 ? cubes / (6 * squares ** 1.5) : 0
}

/** Rows equal to the value count half: many replicates equal it where few rows differ. */
function shareBelow(sorted: Float64Array, value: number): number {
  let below = 0
  for (const replicate of sorted) below += replicate < value ? 1 : replicate === value ? 0.5 : 0
  return below / sorted.length
}

const clamp = (probability: number, margin: number): number => Math.min(1 - margin, Math.max(margin, probability))

/** Quantile by linear interpolation between order statistics (R's type 7). */
export function quantileOfSorted(sorted: Float64Array, probability: number): number {
  const position = probability * (sorted.length - 1)
  const low = Math.floor(position)
  const high = Math.min(low + 1, sorted.length - 1)
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (position - low)
}
