import {
  type ClassificationSample,
  calibrationCurve,
  classScores,
  confusionMatrix,
  type MetricValue,
  prCurve,
  predictedCodes,
  rocCurve,
  wilsonInterval,
} from '../metrics/index.ts'
import type { ClassCurves, ClassificationDetail, ClassificationError, ClassResult } from './evaluation.ts'

const MAX_CURVES = 6
export const LARGEST_ERRORS = 20

export function describeClassification(sample: ClassificationSample, classes: readonly string[]): ClassificationDetail {
  const predicted = predictedCodes(sample)
  const { counts } = confusionMatrix(sample.codes, predicted, classes.length)
  const confusion = classes.map((_, k) => Array.from(counts.subarray(k * classes.length, (k + 1) * classes.length)))
  return {
    confusion,
    perClass: classes.map((name, k) => resultOfClass(name, k, confusion)),
    curves: curvesOf(sample, classes, confusion),
    largestErrors: largestErrors(sample, classes, predicted),
  }
}

function resultOfClass(name: string, k: number, confusion: readonly (readonly number[])[]): ClassResult {
  const hits = confusion[k]![k]!
  const rows = confusion[k]!.reduce((sum, count) => sum + count, 0)
  const predicted = confusion.reduce((sum, row) => sum + row[k]!, 0)
  return {
    name,
    rows,
    ...(predicted > 0 ? { precision: wilsonInterval(hits, predicted) } : {}),
    ...(rows > 0 ? { recall: wilsonInterval(hits, rows), f1: f1Interval(hits, rows + predicted - hits) } : {}),
  }
}

/** F1 = 2J / (1 + J), J the share of hits among rows that are of the class or predicted to be. */
function f1Interval(hits: number, either: number): MetricValue {
  const { value, low, high } = wilsonInterval(hits, either)
  const f1 = (j: number): number => (2 * j) / (1 + j)
  return { value: f1(value), low: f1(low), high: f1(high) }
}

function curvesOf(
  sample: ClassificationSample,
  classes: readonly string[],
  confusion: readonly (readonly number[])[],
): ClassCurves[] {
  const rows = confusion.map((row) => row.reduce((sum, count) => sum + count, 0))
  const drawn =
    classes.length === 2
      ? [1]
      : [...rows.keys()]
          .filter((k) => rows[k]! > 0)
          .sort((a, b) => rows[b]! - rows[a]! || a - b)
          .slice(0, MAX_CURVES)
          .sort((a, b) => a - b)
  return drawn.map((klass) => {
    const scores = classScores(sample.probabilities, sample.classCount, klass)
    const codes = sample.codes.map((code) => (code === klass ? 1 : 0))
    return {
      name: classes[klass]!,
      roc: rocCurve(scores, codes),
      pr: prCurve(scores, codes),
      calibration: calibrationCurve(scores, codes),
    }
  })
}

/** Wrongly decided rows to whose actual class the model gave least. */
function largestErrors(
  { codes, probabilities, classCount }: ClassificationSample,
  classes: readonly string[],
  predicted: Int32Array,
): ClassificationError[] {
  const given = (row: number): number => probabilities[row * classCount + codes[row]!]!
  return [...predicted.keys()]
    .filter((row) => predicted[row] !== codes[row])
    .sort((a, b) => given(a) - given(b) || a - b)
    .slice(0, LARGEST_ERRORS)
    .map((row) => ({
      row,
      actual: classes[codes[row]!]!,
      predicted: classes[predicted[row]!]!,
      probability: given(row),
    }))
}
