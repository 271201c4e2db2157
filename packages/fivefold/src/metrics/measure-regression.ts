import { bootstrapInterval } from './bootstrap.ts'
import { normalInterval } from './intervals.ts'
import type { Linearised } from './linearised.ts'
import { BOOTSTRAP_MAX_ROWS } from './measure-classification.ts'
import { METRIC_NAMES, METRICS, type MetricName, type MetricValues } from './names.ts'
import { linearisedMoments, meansOf, type RegressionMetricName, regressionMoments } from './regression-metrics.ts'
import { checkRegression, type RegressionSample } from './samples.ts'

export const REGRESSION_METRICS = METRIC_NAMES.filter(
  (name): name is RegressionMetricName => METRICS[name].task === 'regression',
)

export interface MeasureRegressionInput extends RegressionSample {
  /** Of the bootstrap. */
  readonly seed: number
  /** Only these; all where absent. */
  readonly metrics?: readonly MetricName[]
}

/**
 * Every regression metric with its 95% interval. A metric that the rows do not define is absent, never NaN: R² where
 * the actual values do not vary, MAPE and WAPE where they are all 0, all of them below two rows. Throws METRIC_INPUT.
 */
export function measureRegression(input: MeasureRegressionInput): MetricValues {
  checkRegression(input)
  const values: MetricValues = {}
  for (const name of REGRESSION_METRICS) {
    if (input.metrics !== undefined && !input.metrics.includes(name)) continue
    const metric = regressionMoments(name, input)
    if (metric === undefined) continue
    const rows = metric.columns[0]!.length
    if (rows < 2) continue
    values[name] =
      rows > BOOTSTRAP_MAX_ROWS
        ? normalInterval(linearisedMoments(metric), ...RANGES[name])
        : bootstrapInterval(metric, input.seed)
  }
  return values
}

const ANY_SIZE: readonly [number, number] = [0, Number.POSITIVE_INFINITY]
const RANGES: Record<RegressionMetricName, readonly [number, number]> = {
  mae: ANY_SIZE,
  rmse: ANY_SIZE,
  mape: ANY_SIZE,
  wape: ANY_SIZE,
  smape: [0, 2],
  r2: [Number.NEGATIVE_INFINITY, 1],
}

/** The metric alone; undefined where the rows do not define it. */
export function regressionMetric(name: RegressionMetricName, sample: RegressionSample): number | undefined {
  checkRegression(sample)
  const metric = regressionMoments(name, sample)
  return metric?.of(meansOf(metric))
}

/** The metric with the first-order effect of every row. MAPE's rows are only those whose actual value is not 0. */
export function linearisedRegression(name: RegressionMetricName, sample: RegressionSample): Linearised | undefined {
  checkRegression(sample)
  const metric = regressionMoments(name, sample)
  return metric === undefined ? undefined : linearisedMoments(metric)
}
