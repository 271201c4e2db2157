import { FivefoldError } from '../core/index.ts'
import type { Predictions, Target } from '../data/index.ts'
import {
  decisionThreshold,
  type MetricName,
  type MetricValues,
  measureClassification,
  measureRegression,
  type ThresholdMetric,
} from '../metrics/index.ts'
import type { Problem } from '../problem/index.ts'

/** All metrics of the task, each with its interval. `threshold` is for two classes, null otherwise. */
export function scorePredictions(
  target: Target,
  predictions: Predictions,
  threshold: number | null,
  seed: number,
): MetricValues {
  if (target.kind === 'classes' && predictions.kind === 'classes') {
    const { codes, classes } = target
    return measureClassification({
      codes,
      probabilities: predictions.probabilities,
      classCount: classes.length,
      seed,
      ...(threshold !== null && { threshold }),
    })
  }
  if (target.kind === 'number' && predictions.kind === 'number') {
    return measureRegression({ actual: target.values, predicted: predictions.values, seed })
  }
  throw new FivefoldError('INTERNAL', 'predictions and target are of different tasks')
}

/**
 * The probability from which a row counts as positive, chosen on held-out rows; null unless there are two classes.
 * It maximises the problem's metric where that depends on a threshold, else the Matthews correlation, which looks at all
 * four cells of the confusion matrix: the best F1 of a weak model flags nearly every row (Chicco and Jurman, 2020).
 * Rounded to float32, the precision that the graph compares in.
 */
export function chooseThreshold(problem: Problem, target: Target, predictions: Predictions): number | null {
  if (target.kind !== 'classes' || predictions.kind !== 'classes' || target.classes.length !== 2) return null
  const scores = new Float64Array(target.codes.length)
  for (let i = 0; i < scores.length; i++) scores[i] = predictions.probabilities[2 * i + 1]!
  return Math.fround(decisionThreshold(scores, target.codes, thresholdMetric(problem.metric)).threshold)
}

function thresholdMetric(metric: MetricName): ThresholdMetric {
  return metric === 'f1' || metric === 'accuracy' || metric === 'balancedAccuracy' ? metric : 'matthewsCorrelation'
}
