import { type ClassCounts, type ConfusionMatrix, correctCount, presentClasses } from './confusion.ts'

export type LabelMetricName = 'accuracy' | 'balancedAccuracy' | 'precision' | 'recall' | 'f1'

/**
 * A metric of decided classes, and how much one row of each cell of the confusion matrix moves it (to first order):
 * the variance of the metric is the sum of count x effect² over the cells.
 */
export interface LabelMetric {
  readonly value: number
  /** Row-major [actual x predicted], like the matrix. */
  readonly cellEffects: Float64Array
}

/**
 * The metric of a confusion matrix; undefined where it is not defined.
 * Two classes: precision, recall and F1 are those of class 1. More: the plain mean over the classes that occur among the
 * actual ones; a class that is never predicted has precision 0 there.
 */
export function labelMetric(name: LabelMetricName, matrix: ConfusionMatrix): LabelMetric | undefined {
  const present = presentClasses(matrix)
  if (present.length === 0) return undefined
  if (name === 'accuracy') return accuracyOf(matrix)
  if (name === 'balancedAccuracy') return present.length < 2 ? undefined : meanOver(matrix, present, recallTerm)
  const term = name === 'precision' ? precisionTerm : name === 'recall' ? recallTerm : f1Term
  if (matrix.classCount > 2) return meanOver(matrix, present, term)
  const positive = present.find(({ klass }) => klass === 1) ?? absentPositive(matrix)
  return isDefined(name, positive) ? meanOver(matrix, [positive], term) : undefined
}

function absentPositive({ counts }: ConfusionMatrix): ClassCounts {
  return { klass: 1, truePositives: 0, actual: 0, predicted: counts[1]! + counts[3]! }
}

function isDefined(name: LabelMetricName, { actual, predicted }: ClassCounts): boolean {
  if (name === 'precision') return predicted > 0
  return name === 'recall' ? actual > 0 : actual + predicted > 0
}

function accuracyOf(matrix: ConfusionMatrix): LabelMetric {
  const rows = matrix.counts.reduce((sum, count) => sum + count, 0)
  const value = correctCount(matrix) / rows
  const cellEffects = matrix.counts.map((_, cell) => {
    const correct = Math.floor(cell / matrix.classCount) === cell % matrix.classCount
    return ((correct ? 1 : 0) - value) / rows
  })
  return { value, cellEffects }
}

/** value = (a x hits + ...) / denominator, as its share of a row's effect: hit, being of the class, being predicted so. */
interface ClassTerm {
  readonly value: number
  readonly hit: number
  readonly actual: number
  readonly predicted: number
}

function recallTerm({ truePositives, actual }: ClassCounts): ClassTerm {
  const value = truePositives / actual
  return { value, hit: 1 / actual, actual: -value / actual, predicted: 0 }
}

function precisionTerm({ truePositives, predicted }: ClassCounts): ClassTerm {
  if (predicted === 0) return { value: 0, hit: 0, actual: 0, predicted: 0 }
  const value = truePositives / predicted
  return { value, hit: 1 / predicted, actual: 0, predicted: -value / predicted }
}

/** F1 = 2 TP / (actual + predicted); its differential is Takahashi et al. (2022), eq. 5. */
function f1Term({ truePositives, actual, predicted }: ClassCounts): ClassTerm {
  const both = actual + predicted
  const value = (2 * truePositives) / both
  return { value, hit: 2 / both, actual: -value / both, predicted: -value / both }
}

function meanOver(
  { classCount, counts }: ConfusionMatrix,
  classes: readonly ClassCounts[],
  termOf: (counts: ClassCounts) => ClassTerm,
): LabelMetric {
  const cellEffects = new Float64Array(counts.length)
  let value = 0
  for (const klass of classes) {
    const term = termOf(klass)
    const k = klass.klass
    value += term.value / classes.length
    for (let other = 0; other < classCount; other++) {
      cellEffects[k * classCount + other]! += term.actual / classes.length
      cellEffects[other * classCount + k]! += term.predicted / classes.length
    }
    cellEffects[k * classCount + k]! += term.hit / classes.length
  }
  return { value, cellEffects }
}
