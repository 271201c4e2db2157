import type { Linearised } from './linearised.ts'
import { meanOf } from './linearised.ts'
import type { RegressionSample } from './samples.ts'

export type RegressionMetricName = 'mae' | 'rmse' | 'mape' | 'wape' | 'smape' | 'r2'

/** A metric that is a smooth function of means over the rows. */
export interface MomentMetric {
  readonly columns: readonly Float64Array[]
  /** NaN where the means leave the metric undefined. */
  readonly of: (means: Float64Array) => number
  /** Derivative of `of` by each mean. */
  readonly gradient: (means: Float64Array) => readonly number[]
}

/**
 * The metric as a function of means; undefined where it is not defined.
 * - `mape`: mean of |error| / |actual|, a share (0.1 is 10%), over rows whose actual value is not 0.
 * - `wape`: sum of |error| over sum of |actual|.
 * - `smape`: mean of 2 |error| / (|actual| + |predicted|), in [0, 2]: the variant of the M3 and M4 competitions, as a
 *   share; rows where both are 0 count as 0.
 * - `r2`: 1 - sum of squared errors / sum of squares around the mean of the actual values.
 */
export function regressionMoments(name: RegressionMetricName, sample: RegressionSample): MomentMetric | undefined {
  const metric = MOMENTS[name](sample)
  const rows = metric.columns[0]!.length
  return rows > 0 && Number.isFinite(metric.of(meansOf(metric))) ? metric : undefined
}

const MOMENTS: Record<RegressionMetricName, (sample: RegressionSample) => MomentMetric> = {
  mae: (sample) => plainMean(absoluteErrors(sample)),
  rmse: (sample) => ({
    columns: [absoluteErrors(sample).map((error) => error * error)],
    of: ([square]) => Math.sqrt(square!),
    gradient: ([square]) => [square! > 0 ? 0.5 / Math.sqrt(square!) : 0],
  }),
  mape: ({ actual, predicted }) =>
    plainMean(actual.map((y, i) => Math.abs((y - predicted[i]!) / y)).filter((_, i) => actual[i] !== 0)),
  wape: (sample) => ({
    columns: [absoluteErrors(sample), sample.actual.map(Math.abs)],
    of: ([error, size]) => error! / size!,
    gradient: ([error, size]) => [1 / size!, -error! / (size! * size!)],
  }),
  smape: ({ actual, predicted }) => plainMean(actual.map((y, i) => symmetricError(y, predicted[i]!))),
  r2: explainedVariance,
}

function plainMean(values: Float64Array): MomentMetric {
  return { columns: [values], of: ([mean]) => mean!, gradient: () => [1] }
}

function absoluteErrors({ actual, predicted }: RegressionSample): Float64Array {
  return actual.map((y, i) => Math.abs(y - predicted[i]!))
}

function symmetricError(actual: number, predicted: number): number {
  const size = Math.abs(actual) + Math.abs(predicted)
  return size === 0 ? 0 : (2 * Math.abs(actual - predicted)) / size
}

/** Actual values are centred first: the variance of large, close values would drown in rounding otherwise. */
function explainedVariance({ actual, predicted }: RegressionSample): MomentMetric {
  const center = meanOf(actual)
  const centered = actual.map((y) => y - center)
  return {
    columns: [actual.map((y, i) => (y - predicted[i]!) ** 2), centered, centered.map((y) => y * y)],
    of: ([error, mean, square]) => {
      const variance = square! - mean! * mean!
      return variance > 0 ? 1 - error! / variance : Number.NaN
    },
    gradient: ([error, mean, square]) => {
      const variance = square! - mean! * mean!
      const slope = error! / (variance * variance)
      return [-1 / variance, -2 * mean! * slope, slope]
    },
  }
}

export function meansOf({ columns }: MomentMetric): Float64Array {
  return Float64Array.from(columns, meanOf)
}

/** First-order effects of the rows (the delta method). */
export function linearisedMoments(metric: MomentMetric): Linearised {
  const means = meansOf(metric)
  const gradient = metric.gradient(means)
  const rows = metric.columns[0]!.length
  const effects = new Float64Array(rows)
  metric.columns.forEach((column, c) => {
    for (let i = 0; i < rows; i++) effects[i]! += (gradient[c]! * (column[i]! - means[c]!)) / rows
  })
  return { value: metric.of(means), effects }
}
