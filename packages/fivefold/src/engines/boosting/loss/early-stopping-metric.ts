import {
  type ClassificationMetricName,
  classificationMetric,
  METRIC_NAMES,
  METRICS,
  type MetricName,
  type RegressionMetricName,
  regressionMetric,
} from '../../../metrics/index.ts'
import { ndcgOfQuery } from './lambdarank.ts'
import { linkOf, type Objective } from './objective.ts'

export const EARLY_STOPPING_METRICS = [...METRIC_NAMES, 'ndcg'] as const
export type EarlyStoppingMetric = (typeof EARLY_STOPPING_METRICS)[number]

/** The validation rows as a metric sees them: targets and scores in the target's units. */
export interface ScoredRows {
  /** Class codes, values or grades. */
  readonly targets: Float32Array
  /** Scores of each output. */
  readonly scores: readonly Float32Array[]
  /** Where each query's rows begin, and where the last one's end. */
  readonly queryStarts: Uint32Array | undefined
}

export function isHigherBetter(metric: EarlyStoppingMetric): boolean {
  return metric === 'ndcg' || METRICS[metric].higherIsBetter
}

/** What has to be so for a metric to be defined, or undefined where all is well. */
export function metricComplaint(metric: EarlyStoppingMetric, objective: Objective): string | undefined {
  const link = linkOf(objective.name)
  const isClassification = link === 'logistic' || link === 'softmax'
  if (metric === 'ndcg') return objective.name === 'lambdarank' ? undefined : "needs the objective 'lambdarank'"
  if (objective.name === 'lambdarank') return "does not rank; use 'ndcg' or 'loss'"
  const { task } = METRICS[metric as MetricName]
  return (task === 'classification') === isClassification ? undefined : `is a metric of ${task}`
}

/** @param cutoff positions that NDCG looks at */
export function measureRows(
  metric: EarlyStoppingMetric,
  objective: Objective,
  rows: ScoredRows,
  cutoff: number,
): number {
  if (metric === 'ndcg') return meanNdcg(rows, cutoff)
  const link = linkOf(objective.name)
  const value =
    link === 'logistic' || link === 'softmax'
      ? classificationMetric(metric as ClassificationMetricName, {
          codes: Int32Array.from(rows.targets),
          probabilities: probabilitiesOf(rows.scores),
          classCount: Math.max(2, rows.scores.length),
        })
      : regressionMetric(metric as RegressionMetricName, {
          actual: Float64Array.from(rows.targets),
          predicted: Float64Array.from(rows.scores[0]!, link === 'exponential' ? Math.exp : undefined),
        })
  return value ?? Number.NaN
}

/** Mean over queries. */
export function meanNdcg({ targets, scores, queryStarts }: ScoredRows, cutoff: number): number {
  const starts = queryStarts!
  let sum = 0
  for (let q = 0; q + 1 < starts.length; q++)
    sum += ndcgOfQuery({ begin: starts[q]!, end: starts[q + 1]! }, scores[0]!, targets, cutoff)
  return sum / (starts.length - 1)
}

/** Row-major, from log-odds or from one score a class. */
function probabilitiesOf(scores: readonly Float32Array[]): Float64Array {
  const rowCount = scores[0]!.length
  const classCount = Math.max(2, scores.length)
  const probabilities = new Float64Array(rowCount * classCount)
  for (let row = 0; row < rowCount; row++) {
    const values = scores.length === 1 ? [0, scores[0]![row]!] : scores.map((output) => output[row]!)
    const top = Math.max(...values)
    const powers = values.map((value) => Math.exp(value - top))
    const total = powers.reduce((sum, power) => sum + power, 0)
    for (let c = 0; c < classCount; c++) probabilities[row * classCount + c] = powers[c]! / total
  }
  return probabilities
}
