import { type Context, FivefoldError } from '../../core/index.ts'
import type { Predictions, Target } from '../../data/index.ts'
import { classScores, measureClassification, measureRegression, predictedCodes } from '../../metrics/index.ts'
import { compareCategories } from './compare-categories.ts'
import { compareNumbers } from './compare-numbers.ts'
import { type Comparison, findingOf } from './comparison.ts'
import { type Description, describeCategories, describeNumbers } from './describe-drift.ts'
import type { DriftAspect, PerformanceDrift } from './drift-report.ts'
import { estimatePerformance, type ScoredRows } from './estimate-performance.ts'
import { type Examined, examineNumbers } from './examine-column.ts'
import type { TestPlan } from './finding.ts'

/** More classes than these: the decided labels are compared, not each class's scores. */
const MAX_SCORED_CLASSES = 12

/** What the model said, and what turned out to be true where that is known. */
export interface PredictionSides {
  readonly reference: Predictions
  readonly current: Predictions
  readonly labels?: { readonly reference?: Target; readonly current?: Target }
  /** Two classes: the second is decided from this probability on. */
  readonly threshold?: number
}

export interface ExaminedPredictions {
  readonly examined: readonly Examined[]
  readonly performance: PerformanceDrift
}

/** Scores and decisions of both sides, errors where both sides have labels, and performance as far as it is known. */
export function examinePredictions(sides: PredictionSides, plan: TestPlan, context: Context): ExaminedPredictions {
  const { reference, current, labels = {}, threshold } = sides
  if (reference.kind === 'classes' && current.kind === 'classes') {
    checkClasses(reference.classes, current.classes)
    const [a, b] = [scoredRows(reference, labels.reference, threshold), scoredRows(current, labels.current, threshold)]
    return {
      examined: examineClasses(reference.classes, a, b, plan),
      performance: classPerformance(a, b, threshold, context),
    }
  }
  if (reference.kind === 'number' && current.kind === 'number')
    return examineRegression(reference.values, current.values, labels, plan, context)
  throw new FivefoldError('MODEL_INPUT', `predictions are ${reference.kind} in the reference and ${current.kind} now`)
}

function examineClasses(classes: readonly string[], a: ScoredRows, b: ScoredRows, plan: TestPlan): Examined[] {
  const scored = classes.length === 2 ? [1] : classes.length <= MAX_SCORED_CLASSES ? [...classes.keys()] : []
  const scores = scored.map((klass) => {
    const sides = [a, b].map((side) => classScores(side.probabilities, classes.length, klass))
    const [reference, current] = [sides[0]!, sides[1]!]
    const name = `probability of ${classes[klass]}`
    return examined(name, 'score', describeNumbers({ reference, current }), compareNumbers(reference, current, plan))
  })
  const codes = (
    name: string,
    aspect: DriftAspect,
    labels: readonly string[],
    x: Int32Array,
    y: Int32Array,
  ): Examined =>
    examined(
      name,
      aspect,
      describeCategories({ labels, reference: x, current: y }),
      compareCategories(x, y, labels.length, plan),
    )
  const found = [...scores, codes('decided label', 'label', classes, a.predicted, b.predicted)]
  if (a.codes === undefined || b.codes === undefined) return found
  const right = (side: ScoredRows): Int32Array => side.predicted.map((code, row) => (code === side.codes![row] ? 1 : 0))
  return [
    ...found,
    codes('true label', 'values', classes, a.codes, b.codes),
    codes('right decisions', 'error', ['wrong', 'right'], right(a), right(b)),
  ]
}

function examineRegression(
  reference: Float64Array,
  current: Float64Array,
  labels: NonNullable<PredictionSides['labels']>,
  plan: TestPlan,
  context: Context,
): ExaminedPredictions {
  const [x, y] = [numberTarget(labels.reference, reference.length), numberTarget(labels.current, current.length)]
  const found = [
    examined('prediction', 'score', describeNumbers({ reference, current }), compareNumbers(reference, current, plan)),
  ]
  if (x && y) {
    const errors = { reference: absoluteErrors(reference, x), current: absoluteErrors(current, y) }
    found.push({ ...examinedBase('true value'), ...examineNumbers('true value', x, y, plan) })
    found.push(
      examined(
        'absolute error',
        'error',
        describeNumbers(errors),
        compareNumbers(errors.reference, errors.current, plan),
      ),
    )
  }
  const measure = (actual: Float64Array | undefined, predicted: Float64Array): PerformanceDrift['realized'] =>
    actual && measureRegression({ actual, predicted, seed: context.seed })
  return { examined: found, performance: performanceOf(measure(x, reference), measure(y, current)) }
}

function classPerformance(
  a: ScoredRows,
  b: ScoredRows,
  threshold: number | undefined,
  context: Context,
): PerformanceDrift {
  const measure = ({ codes, probabilities, classCount }: ScoredRows): PerformanceDrift['realized'] =>
    codes && measureClassification({ codes, probabilities, classCount, threshold, seed: context.seed })
  return {
    ...performanceOf(measure(a), measure(b)),
    estimated: estimatePerformance(a, b, context),
    calibration: a.codes ? 'isotonic on the reference' : 'none: reference labels are not given',
  }
}

function performanceOf(
  reference: PerformanceDrift['reference'],
  realized: PerformanceDrift['realized'],
): PerformanceDrift {
  return { ...(reference ? { reference } : {}), ...(realized ? { realized } : {}) }
}

function scoredRows(
  predictions: Extract<Predictions, { kind: 'classes' }>,
  labels: Target | undefined,
  threshold: number | undefined,
): ScoredRows {
  const { classes, probabilities } = predictions
  const classCount = classes.length
  const rows = probabilities.length / classCount
  const base = {
    classCount,
    probabilities,
    predicted: predictedCodes({ codes: new Int32Array(rows), probabilities, classCount, threshold }),
  }
  if (labels === undefined) return base
  if (labels.kind !== 'classes')
    throw new FivefoldError('METRIC_INPUT', 'labels of a classification are classes, not numbers')
  checkClasses(classes, labels.classes)
  checkRows(labels.codes.length, rows)
  return { ...base, codes: labels.codes }
}

function numberTarget(labels: Target | undefined, rows: number): Float64Array | undefined {
  if (labels === undefined) return undefined
  if (labels.kind !== 'number')
    throw new FivefoldError('METRIC_INPUT', 'labels of a regression are numbers, not classes')
  checkRows(labels.values.length, rows)
  return labels.values
}

function checkClasses(expected: readonly string[], given: readonly string[]): void {
  if (expected.length === given.length && expected.every((name, i) => name === given[i])) return
  throw new FivefoldError(
    'METRIC_INPUT',
    `classes are ${expected.join(', ')} on one side and ${given.join(', ')} on the other`,
  )
}

function checkRows(labels: number, predictions: number): void {
  if (labels !== predictions) throw new FivefoldError('METRIC_INPUT', `${labels} labels for ${predictions} predictions`)
}

function absoluteErrors(predicted: Float64Array, actual: Float64Array): Float64Array {
  return predicted.map((value, row) => Math.abs(value - actual[row]!))
}

function examined(
  name: string,
  aspect: DriftAspect,
  described: Description,
  comparison: Comparison | undefined,
): Examined {
  return { ...examinedBase(name), ...described, findings: findingOf(name, aspect, comparison) }
}

function examinedBase(column: string): Pick<Examined, 'column' | 'type' | 'missingShare'> {
  return { column, type: 'prediction', missingShare: { reference: 0, current: 0 } }
}
