import { type Context, FivefoldError, throwIfCancelled } from '../core/index.ts'
import type { Frame, Predictions, Schema, Target } from '../data/index.ts'
import { intervalMethod, type MetricName, type MetricValues } from '../metrics/index.ts'
import type { Problem } from '../problem/index.ts'
import { describeClassification } from './classification-detail.ts'
import { compareProtectedGroups } from './compare-groups.ts'
import { withoutChance } from './constant-predictions.ts'
import { checkCriteria, verdictOf } from './criteria.ts'
import type { Evaluation, Protocol } from './evaluation.ts'
import { findSlices } from './find-slices.ts'
import { compareOutcomes, measureOutcome, metricsOfTask, type Outcome, outcomeOf, rowCountOf } from './outcome.ts'
import { describeRegression } from './regression-detail.ts'
import { type RowName, type RowNames, rowNamesOf } from './row-names.ts'

export interface EvaluateInput {
  readonly problem: Problem
  readonly target: Target
  readonly predictions: Predictions
  /** What the baseline says about the same rows. */
  readonly baseline: Predictions
  /** Two classes only: probability from which the second one is predicted. */
  readonly threshold: number | undefined
  /** Raw columns of the same rows, for slices and protected groups. */
  readonly frame: Frame
  readonly schema: Schema
  /** For each row its number in the table that it was taken from, so that errors can be found again. */
  readonly tableRows?: ArrayLike<number>
  readonly protocol: Protocol
  readonly context: Context
}

/**
 * Measures predictions on rows that the model was not fitted on: metrics with intervals, the paired comparison with the
 * baseline, success criteria, curves or residuals, weak slices and protected groups. Same input and seed, same result.
 * Throws METRIC_INPUT where the parts do not belong together, CANCELLED.
 */
export async function evaluatePredictions(input: EvaluateInput): Promise<Evaluation> {
  const { problem, target, threshold, frame, schema, protocol, context } = input
  const outcome = outcomeOf(target, input.predictions, threshold)
  // The baseline's probabilities are class shares: the model's tuned threshold means nothing to them.
  const baseline = outcomeOf(target, input.baseline, undefined)
  checkRows(outcome, frame)
  const report = (note: string, done: number): void => {
    throwIfCancelled(context.signal)
    context.progress({ stage: 'evaluate', done, total: 4, note })
  }
  report('metrics', 0)
  const metrics = measureOutcome(outcome, context.seed)
  const comparison = Object.fromEntries(
    metricsOfTask(problem.task).flatMap((name) => {
      const compared = metrics[name] && compareOutcomes(name, outcome, baseline)
      return compared === undefined ? [] : [[name, compared]]
    }),
  ) as Evaluation['comparison']
  report('curves and errors', 1)
  const names = rowNamesOf(frame, schema, input.tableRows)
  const detail = detailOf(outcome, names)
  report('slices', 2)
  const { metric } = problem
  const slices = findSlices({ outcome, metric, frame, schema, target: problem.target, context })
  report('groups', 3)
  const columns = problem.protectedColumns
  const groups = compareProtectedGroups({ outcome, metric, frame, schema, columns, seed: context.seed })
  const criteria = checkCriteria(problem.criteria, metrics)
  report('done', 4)
  return {
    formatVersion: 1,
    task: problem.task,
    target: problem.target,
    metric,
    classes: outcome.kind === 'classes' ? outcome.classes : [],
    ...(threshold === undefined || problem.classes.length !== 2 ? {} : { threshold }),
    protocol,
    metrics,
    methods: methodsOf(metrics, rowCountOf(outcome), outcome),
    baseline: withoutChance(baseline, measureOutcome(baseline, context.seed)),
    comparison,
    verdict: verdictOf(metric, comparison[metric], criteria),
    criteria,
    ...detail,
    ...(names.idColumn !== undefined && { idColumn: names.idColumn }),
    slices,
    groups,
    notes: notesOf(outcome, metrics, problem, groups),
  }
}

function checkRows(outcome: Outcome, frame: Frame): void {
  const rows = rowCountOf(outcome)
  if (rows === 0) throw new FivefoldError('METRIC_INPUT', 'there are no test rows to evaluate')
  if (frame.rowCount !== rows)
    throw new FivefoldError('METRIC_INPUT', `${rows} predictions for a table of ${frame.rowCount} rows`)
}

function detailOf(outcome: Outcome, { nameOf }: RowNames): Pick<Evaluation, 'classification' | 'regression'> {
  const named = <T extends { readonly row: number }>(errors: readonly T[]): (T & RowName)[] =>
    errors.map((error) => ({ ...error, ...nameOf(error.row) }))
  if (outcome.kind === 'classes') {
    const classification = describeClassification(outcome.sample, outcome.classes)
    return { classification: { ...classification, largestErrors: named(classification.largestErrors) } }
  }
  const regression = describeRegression(outcome.sample)
  return { regression: { ...regression, largestErrors: named(regression.largestErrors) } }
}

function methodsOf(metrics: MetricValues, rows: number, outcome: Outcome): Evaluation['methods'] {
  const classCount = outcome.kind === 'classes' ? outcome.classes.length : 2
  const names = Object.keys(metrics) as MetricName[]
  return Object.fromEntries(names.map((name) => [name, intervalMethod(name, rows, classCount)]))
}

function notesOf(outcome: Outcome, metrics: MetricValues, problem: Problem, groups: Evaluation['groups']): string[] {
  const notes: string[] = []
  const absent = metricsOfTask(problem.task).filter((name) => metrics[name] === undefined)
  if (absent.length > 0) notes.push(`The test rows do not define ${absent.join(', ')}.`)
  if (outcome.kind === 'number') {
    const zeros = outcome.sample.actual.reduce((sum, y) => sum + (y === 0 ? 1 : 0), 0)
    if (zeros > 0) notes.push(`MAPE leaves out ${zeros} rows whose actual value is 0.`)
    notes.push('sMAPE is 2|error| / (|actual| + |predicted|) as a share, the variant of the M4 competition.')
  } else if (outcome.classes.length > 2)
    notes.push(
      'Precision, recall, F1, ROC AUC and PR AUC are plain means over the classes (macro, one against the rest).',
    )
  else notes.push(`Precision, recall, F1 and the curves are those of the class '${outcome.classes[1]}'.`)
  const measured = new Set(groups.map((group) => group.column))
  const left = problem.protectedColumns.filter((column) => !measured.has(column))
  if (left.length > 0) notes.push(`Protected columns without two groups in the test rows: ${left.join(', ')}.`)
  return notes
}
