import { bootstrapInterval } from './bootstrap.ts'
import { type ConfusionMatrix, confusionMatrix, correctCount, presentClasses } from './confusion.ts'
import {
  clopperPearsonInterval,
  containing,
  intervalOfMean,
  logitInterval,
  newcombeAucInterval,
  normalInterval,
  wilsonInterval,
} from './intervals.ts'
import { type LabelMetricName, labelMetric } from './label-metrics.ts'
import { type Linearised, linearisedMean, meanOf } from './linearised.ts'
import { METRIC_NAMES, METRICS, type MetricName, type MetricValue, type MetricValues } from './names.ts'
import { brierOfRows, logLossOfRows } from './probability-metrics.ts'
import { type RankingMetricName, rankingMetric, rankingMetricValue } from './ranking-metrics.ts'
import { type ClassificationSample, checkClassification, predictedCodes } from './samples.ts'

export type ClassificationMetricName = LabelMetricName | RankingMetricName | 'logLoss' | 'brier'

export const CLASSIFICATION_METRICS = METRIC_NAMES.filter(
  (name): name is ClassificationMetricName => METRICS[name].task === 'classification',
)

/** Up to this many rows, means get bootstrap intervals; beyond it the normal approximation is as good and a thousand times faster. */
export const BOOTSTRAP_MAX_ROWS = 2000

export interface MeasureClassificationInput extends ClassificationSample {
  /** Of the bootstrap. */
  readonly seed: number
  /** Only these; all where absent. */
  readonly metrics?: readonly MetricName[]
}

/**
 * Every classification metric with its 95% interval. A metric that the rows do not define is absent, never NaN: ranking
 * metrics and balanced accuracy where only one class occurs, precision where nothing is predicted positive, averages of
 * losses below two rows (no spread to judge by). How each interval is made: `intervalMethod`. O(n log n).
 * Throws METRIC_INPUT for codes or probabilities out of range.
 */
export function measureClassification(input: MeasureClassificationInput): MetricValues {
  checkClassification(input)
  const wanted = CLASSIFICATION_METRICS.filter((name) => input.metrics?.includes(name) ?? true)
  if (input.codes.length === 0) return {}
  const matrix = confusionMatrix(input.codes, predictedCodes(input), input.classCount)
  const values: MetricValues = {}
  for (const name of wanted) {
    const value = measureOne(name, input, matrix)
    if (value !== undefined) values[name] = value
  }
  return values
}

function measureOne(
  name: ClassificationMetricName,
  input: MeasureClassificationInput,
  matrix: ConfusionMatrix,
): MetricValue | undefined {
  if (isLabelMetric(name)) return labelInterval(name, matrix)
  if (name === 'rocAuc' || name === 'prAuc') return rankingInterval(name, input)
  if (input.codes.length < 2) return undefined
  const losses = lossOfRows(name, input)
  const highest = name === 'logLoss' ? Number.POSITIVE_INFINITY : input.classCount === 2 ? 1 : 2
  if (losses.length > BOOTSTRAP_MAX_ROWS) return normalInterval(linearisedMean(losses), 0, highest)
  return bootstrapInterval({ columns: [losses], of: ([mean]) => mean!, gradient: () => [1] }, input.seed)
}

export function isLabelMetric(name: MetricName): name is LabelMetricName {
  return ['accuracy', 'balancedAccuracy', 'precision', 'recall', 'f1'].includes(name)
}

/** Loss of each row: log loss in nats, or squared error of the probabilities. */
export function lossOfRows(name: 'logLoss' | 'brier', sample: ClassificationSample): Float64Array {
  return name === 'logLoss' ? logLossOfRows(sample) : brierOfRows(sample)
}

function labelInterval(name: LabelMetricName, matrix: ConfusionMatrix): MetricValue | undefined {
  const metric = labelMetric(name, matrix)
  if (metric === undefined) return undefined
  const rows = matrix.counts.reduce((sum, count) => sum + count, 0)
  if (name === 'accuracy') return wilsonInterval(correctCount(matrix), rows)
  const present = presentClasses(matrix)
  const positive = present.find(({ klass }) => klass === 1)
  const recalls = present.map((klass) => wilsonInterval(klass.truePositives, klass.actual))
  if (name === 'balancedAccuracy') return intervalOfMean(recalls)
  if (matrix.classCount === 2) return binaryLabelInterval(name, matrix.counts, positive?.truePositives ?? 0)
  if (name === 'recall') return intervalOfMean(recalls)
  const estimate = cellEstimate(metric.value, matrix.counts, metric.cellEffects)
  return logitInterval(estimate, (value) => wilsonInterval(value * rows, rows))
}

function binaryLabelInterval(name: LabelMetricName, counts: Float64Array, truePositives: number): MetricValue {
  const [, falsePositives = 0, falseNegatives = 0] = counts
  if (name === 'precision') return wilsonInterval(truePositives, truePositives + falsePositives)
  if (name === 'recall') return wilsonInterval(truePositives, truePositives + falseNegatives)
  // F1 = 2J / (1 + J) with J the share of true positives among rows that are not true negatives: given how many of
  // those there are, a plain proportion.
  const share = wilsonInterval(truePositives, truePositives + falsePositives + falseNegatives)
  const f1 = (j: number): number => (2 * j) / (1 + j)
  return containing(f1(share.value), f1(share.low), f1(share.high))
}

/** The variance needs only the cells: rows of one cell have the same effect. */
function cellEstimate(value: number, counts: Float64Array, cellEffects: Float64Array): Linearised {
  return { value, effects: cellEffects.map((effect, cell) => effect * Math.sqrt(counts[cell]!)) }
}

function rankingInterval(name: RankingMetricName, input: ClassificationSample): MetricValue | undefined {
  const estimate = rankingMetric(name, input)
  if (estimate === undefined) return undefined
  const positives = input.codes.reduce((sum, code) => sum + (code === 1 ? 1 : 0), 0)
  const [p, n] =
    input.classCount === 2 ? [positives, input.codes.length - positives] : smallestClass(input.codes, input.classCount)
  return logitInterval(estimate, (value) =>
    name === 'rocAuc' ? newcombeAucInterval(value, p, n) : clopperPearsonInterval(value * p, p),
  )
}

/** For many classes the rarest one that occurs limits what perfect separation proves. */
function smallestClass(codes: Int32Array, classCount: number): [number, number] {
  const counts = new Float64Array(classCount)
  for (const code of codes) counts[code]!++
  const smallest = Math.min(...counts.filter((count) => count > 0))
  return [smallest, codes.length - smallest]
}

/** The metric alone, for loops over candidates and folds; undefined where `measureClassification` leaves it out. */
export function classificationMetric(name: ClassificationMetricName, sample: ClassificationSample): number | undefined {
  checkClassification(sample)
  if (sample.codes.length === 0) return undefined
  if (name === 'rocAuc' || name === 'prAuc') return rankingMetricValue(name, sample)
  if (name === 'logLoss' || name === 'brier') return meanOf(lossOfRows(name, sample))
  return labelMetric(name, confusionMatrix(sample.codes, predictedCodes(sample), sample.classCount))?.value
}

/** The metric with the first-order effect of every row; what comparisons of two models are made of. */
export function linearisedClassification(
  name: ClassificationMetricName,
  sample: ClassificationSample,
): Linearised | undefined {
  checkClassification(sample)
  if (sample.codes.length === 0) return undefined
  if (name === 'rocAuc' || name === 'prAuc') return rankingMetric(name, sample)
  if (name === 'logLoss' || name === 'brier') return linearisedMean(lossOfRows(name, sample))
  const predicted = predictedCodes(sample)
  const metric = labelMetric(name, confusionMatrix(sample.codes, predicted, sample.classCount))
  if (metric === undefined) return undefined
  const effects = new Float64Array(predicted.length)
  for (let i = 0; i < effects.length; i++)
    effects[i] = metric.cellEffects[sample.codes[i]! * sample.classCount + predicted[i]!]!
  return { value: metric.value, effects }
}
