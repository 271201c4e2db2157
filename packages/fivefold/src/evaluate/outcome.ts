import { FivefoldError } from '../core/index.ts'
import type { Predictions, Target } from '../data/index.ts'
import {
  type ClassificationMetricName,
  type ClassificationSample,
  compareClassification,
  compareRegression,
  lossOfRows,
  METRICS,
  type MetricName,
  type MetricValue,
  type MetricValues,
  measureClassification,
  measureRegression,
  type PairedComparison,
  predictedCodes,
  type RegressionMetricName,
  type RegressionSample,
} from '../metrics/index.ts'
import type { SliceSearch } from './evaluation.ts'

/** What was true beside what was predicted, checked to belong together. */
export type Outcome =
  | { readonly kind: 'classes'; readonly classes: readonly string[]; readonly sample: ClassificationSample }
  | { readonly kind: 'number'; readonly sample: RegressionSample }

/** Throws METRIC_INPUT where target and predictions are of different tasks, classes or lengths. */
export function outcomeOf(target: Target, predictions: Predictions, threshold: number | undefined): Outcome {
  if (target.kind === 'number' && predictions.kind === 'number')
    return { kind: 'number', sample: { actual: target.values, predicted: predictions.values } }
  if (target.kind !== 'classes' || predictions.kind !== 'classes')
    throw new FivefoldError('METRIC_INPUT', `a target of ${target.kind} with predictions of ${predictions.kind}`)
  const { classes, codes } = target
  if (classes.join('\0') !== predictions.classes.join('\0'))
    throw new FivefoldError(
      'METRIC_INPUT',
      `the target has the classes ${classes.join(', ')}, the predictions ${predictions.classes.join(', ')}`,
    )
  const { probabilities } = predictions
  return { kind: 'classes', classes, sample: { codes, probabilities, classCount: classes.length, threshold } }
}

export function rowCountOf(outcome: Outcome): number {
  return outcome.kind === 'classes' ? outcome.sample.codes.length : outcome.sample.actual.length
}

export function measureOutcome(outcome: Outcome, seed: number, metrics?: readonly MetricName[]): MetricValues {
  const wanted = metrics === undefined ? {} : { metrics }
  return outcome.kind === 'classes'
    ? measureClassification({ ...outcome.sample, seed, ...wanted })
    : measureRegression({ ...outcome.sample, seed, ...wanted })
}

/** The deciding metric on some of the rows. */
export function metricOfRows(
  outcome: Outcome,
  rows: Uint32Array,
  metric: MetricName,
  seed: number,
): MetricValue | undefined {
  return measureOutcome(takeOutcomeRows(outcome, rows), seed, [metric])[metric]
}

export function takeOutcomeRows(outcome: Outcome, rows: Uint32Array): Outcome {
  if (outcome.kind === 'number') {
    const { actual, predicted } = outcome.sample
    return { kind: 'number', sample: { actual: take(actual, rows), predicted: take(predicted, rows) } }
  }
  const { codes, probabilities, classCount } = outcome.sample
  const taken = new Float64Array(rows.length * classCount)
  for (let i = 0; i < rows.length; i++)
    for (let k = 0; k < classCount; k++) taken[i * classCount + k] = probabilities[rows[i]! * classCount + k]!
  const sample = { ...outcome.sample, codes: Int32Array.from(rows, (row) => codes[row]!), probabilities: taken }
  return { ...outcome, sample }
}

function take(values: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row]!)
}

export function compareOutcomes(metric: MetricName, model: Outcome, baseline: Outcome): PairedComparison | undefined {
  if (model.kind === 'classes' && baseline.kind === 'classes')
    return compareClassification(metric as ClassificationMetricName, model.sample, baseline.sample)
  if (model.kind === 'number' && baseline.kind === 'number')
    return compareRegression(metric as RegressionMetricName, model.sample, baseline.sample)
  throw new FivefoldError('METRIC_INPUT', 'model and baseline are of different tasks')
}

/** Per-row loss that goes with the deciding metric; it adds up over rows, so that parts of the data can be compared. */
export function rowLosses(outcome: Outcome, metric: MetricName): { name: SliceSearch['loss']; losses: Float64Array } {
  if (outcome.kind === 'number') return regressionLosses(outcome.sample, metric)
  if (['accuracy', 'balancedAccuracy', 'precision', 'recall', 'f1'].includes(metric)) {
    const predicted = predictedCodes(outcome.sample)
    const losses = Float64Array.from(predicted, (code, i) => (code === outcome.sample.codes[i] ? 0 : 1))
    return { name: 'error rate', losses }
  }
  return { name: 'log loss', losses: lossOfRows('logLoss', outcome.sample) }
}

function regressionLosses({ actual, predicted }: RegressionSample, metric: MetricName) {
  const squared = metric === 'rmse' || metric === 'r2'
  const losses = actual.map((y, i) => (squared ? (y - predicted[i]!) ** 2 : Math.abs(y - predicted[i]!)))
  return { name: squared ? ('squared error' as const) : ('absolute error' as const), losses }
}

/** Metrics that the outcome's task has. */
export function metricsOfTask(task: 'classification' | 'regression'): MetricName[] {
  return (Object.keys(METRICS) as MetricName[]).filter((name) => METRICS[name].task === task)
}
