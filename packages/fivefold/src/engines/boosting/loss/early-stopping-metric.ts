import { FivefoldError } from '../../../core/index.ts'
import {
  type ClassificationMetricName,
  classificationMetric,
  METRIC_NAMES,
  METRICS,
  type MetricName,
  type RegressionMetricName,
  regressionMetric,
} from '../../../metrics/index.ts'
import { createRanking } from './lambdarank.ts'
import { linkOf, type Objective } from './objective.ts'

export const EARLY_STOPPING_METRICS = [...METRIC_NAMES, 'ndcg'] as const
export type EarlyStoppingMetric = (typeof EARLY_STOPPING_METRICS)[number]

/** The validation rows as a metric sees them: targets and scores in the target's units. */
export interface ScoredRows {
  /** Class codes, values or grades. */
  readonly targets: Float64Array
  /** Scores of each output. */
  readonly scores: readonly Float64Array[]
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
  if (metric === 'ndcg') return meanNdcg({ ...rows, queryStarts: rows.queryStarts! }, cutoff)
  const link = linkOf(objective.name)
  const value =
    link === 'logistic' || link === 'softmax'
      ? classificationMetric(metric as ClassificationMetricName, {
          codes: Int32Array.from(rows.targets),
          probabilities: probabilitiesOf(rows.scores),
          classCount: Math.max(2, rows.scores.length),
        })
      : regressionMetric(metric as RegressionMetricName, {
          actual: rows.targets,
          predicted: link === 'exponential' ? rows.scores[0]!.map(Math.exp) : rows.scores[0]!,
        })
  if (value !== undefined && !Number.isNaN(value)) return value
  throw new FivefoldError('TRAIN_INPUT', `boosting: the metric '${metric}' is not defined on the rows held out`, {
    remedy: 'See that they have every class, values that differ, and rows enough; or follow another metric.',
  })
}

/** Rows of queries; scores in any unit, since only their order counts. */
interface RankedRows {
  readonly targets: ArrayLike<number>
  readonly scores: readonly ArrayLike<number>[]
  readonly queryStarts: Uint32Array
}

/** Mean over queries. */
export function meanNdcg({ targets, scores, queryStarts: starts }: RankedRows, cutoff: number): number {
  const ranking = createRanking()
  let sum = 0
  for (let q = 0; q + 1 < starts.length; q++)
    sum += ranking.ndcg({ begin: starts[q]!, end: starts[q + 1]! }, scores[0]!, targets, cutoff)
  return sum / (starts.length - 1)
}

/** Row-major, from log-odds or from one score a class. */
function probabilitiesOf(scores: readonly Float64Array[]): Float64Array {
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
