import { FivefoldError, nearestName } from '../core/index.ts'
import {
  type ColumnSchema,
  columnOf,
  type Table,
  type Target,
  targetFromColumn,
  unknownColumns,
} from '../data/index.ts'
import { isMetricName, METRIC_NAMES, METRICS, type MetricName } from '../metrics/index.ts'
import type { Constraints, Criterion, Problem } from '../problem/index.ts'
import { formatPercent } from '../report/index.ts'
import { likelyTask } from './likely-task.ts'

export interface InferProblemOptions {
  readonly target: string
  /** Default 'auto': by the type and the values of the target. */
  readonly task?: 'auto' | 'classification' | 'regression'
  readonly metric?: string
  readonly protect?: readonly string[]
  readonly criteria?: readonly Criterion[]
  readonly constraints?: Constraints
}

const LEAST_ROWS = 20
const LEAST_ROWS_OF_CLASS = 5
const MOST_CLASSES = 200
const RARE_CLASS = 0.2
/** With more classes the logarithm of rare classes' probabilities drowns the rest. */
const MOST_CLASSES_FOR_LOG_LOSS = 20

/**
 * The question that a model of this table answers: task and metric, with the reasons in words.
 *
 * @throws PROBLEM_TARGET_UNUSABLE (too few rows, one class, too many classes), DATA_COLUMN_UNKNOWN (target, protect),
 *   METRIC_UNKNOWN, CRITERIA_UNKNOWN_METRIC
 */
export async function inferProblem(table: Table, options: InferProblemOptions): Promise<Problem> {
  const schema = columnSchema(table, options.target)
  const protectedColumns = [...new Set(options.protect ?? [])]
  for (const name of protectedColumns) columnSchema(table, name)
  const { task, reason, target } = await readTarget(table, schema, options.task ?? 'auto')
  const chosen = options.metric === undefined ? chooseMetric(target) : givenMetric(options.metric, task)
  for (const { metric } of options.criteria ?? []) requireTask(metric, task, 'CRITERIA_UNKNOWN_METRIC')
  return {
    task,
    target: schema.name,
    metric: chosen.metric,
    metricReason: `${task === 'classification' ? 'Classification' : 'Regression'}: ${reason}. ${chosen.reason}`,
    classes: target.kind === 'classes' ? [...target.classes] : [],
    criteria: [...(options.criteria ?? [])],
    constraints: { ...options.constraints },
    protectedColumns,
  }
}

function columnSchema(table: Table, name: string): ColumnSchema {
  const schema = table.schema.columns.find((column) => column.name === name)
  if (schema) return schema
  const names = table.schema.columns.map((column) => column.name)
  throw unknownColumns([name], names)
}

interface FoundTarget {
  readonly task: Problem['task']
  readonly reason: string
  readonly target: Target
}

async function readTarget(table: Table, schema: ColumnSchema, wanted: 'auto' | Problem['task']): Promise<FoundTarget> {
  const column = columnOf(await table.read([schema.name]), schema.name)
  const values = column.kind === 'number' ? presentValues(column.values) : column.codes.filter((code) => code >= 0)
  const name = schema.name
  if (values.length < LEAST_ROWS)
    throw unusable(
      `target '${name}' is present in ${values.length} of ${table.rowCount} rows; at least ${LEAST_ROWS} are needed`,
    )
  const distinct = new Set(values).size
  if (distinct < 2) throw unusable(`target '${name}' has the same value in every row`)
  const numeric = column.kind === 'number' ? rangeOf(values) : null
  const likely = likelyTask({ type: schema.type, distinct, numeric })
  const task = wanted === 'auto' ? likely.task : wanted
  if (schema.type === 'datetime')
    throw unusable(`target '${name}' holds points in time; derive a number or a class from it`)
  if (task === 'classification' && distinct > MOST_CLASSES)
    throw unusable(`target '${name}' has ${distinct} distinct values, more than ${MOST_CLASSES} classes`)
  const target = targetFromColumn(column, schema, task)
  if (target.kind === 'classes') requireRows(target, name)
  else requirePredictable(target.values, name)
  return { task, reason: wanted === 'auto' ? likely.reason : 'as given', target }
}

const presentValues = (values: Float64Array): Float64Array => values.filter((value) => !Number.isNaN(value))

function rangeOf(values: Float64Array | Int32Array): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < min) min = value
    if (value > max) max = value
  }
  return { min, max }
}

/** Predictions are 32-bit floats, which end at 3.4e38; sums over rows need some room below. */
const LARGEST_TARGET = 1e37

function requirePredictable(values: Float64Array, name: string): void {
  const first = values.findIndex((value) => Math.abs(value) > LARGEST_TARGET)
  if (first < 0) return
  const count = values.reduce((sum, value) => sum + (Math.abs(value) > LARGEST_TARGET ? 1 : 0), 0)
  const rows = count === 1 ? '1 row' : `${count} rows`
  throw unusable(
    `target '${name}' is beyond ±${LARGEST_TARGET} in ${rows}, first in row ${first}: ${values[first]}; predictions cannot be`,
  )
}

function unusable(message: string): FivefoldError {
  return new FivefoldError('PROBLEM_TARGET_UNUSABLE', message)
}

function countsOf(target: Extract<Target, { kind: 'classes' }>): number[] {
  const counts = new Array<number>(target.classes.length).fill(0)
  for (const code of target.codes) if (code >= 0) counts[code]!++
  return counts
}

/** Two classes are needed that can be learned and judged; further rare ones are a matter of the profile's warnings. */
function requireRows(target: Extract<Target, { kind: 'classes' }>, name: string): void {
  const counts = countsOf(target)
  const usable = counts.filter((count) => count >= LEAST_ROWS_OF_CLASS).length
  if (usable >= 2) return
  const rarest = target.classes[counts.indexOf(Math.min(...counts))]
  throw unusable(
    `target '${name}' has ${usable} class with at least ${LEAST_ROWS_OF_CLASS} rows; '${rarest}' has ${Math.min(...counts)}`,
  )
}

interface ChosenMetric {
  readonly metric: MetricName
  readonly reason: string
}

function chooseMetric(target: Target): ChosenMetric {
  if (target.kind === 'number')
    return {
      metric: 'rmse',
      reason: 'Judged by rmse: in the unit of the target, and large errors weigh more than small ones.',
    }
  const counts = countsOf(target)
  const rows = counts.reduce((sum, count) => sum + count, 0)
  if (target.classes.length === 2) return binaryMetric(Math.min(...counts) / rows)
  if (target.classes.length <= MOST_CLASSES_FOR_LOG_LOSS)
    return {
      metric: 'logLoss',
      reason: `Judged by logLoss: with ${target.classes.length} classes it rewards honest probabilities for each of them, where accuracy looks at the first choice only.`,
    }
  return {
    metric: 'accuracy',
    reason: `Judged by accuracy: with ${target.classes.length} classes, the probabilities of the rarest would decide logLoss.`,
  }
}

function binaryMetric(rarer: number): ChosenMetric {
  const ranking = 'Judged by rocAuc: how well rows are ranked, whatever threshold is chosen later'
  if (rarer >= RARE_CLASS) return { metric: 'rocAuc', reason: `${ranking}.` }
  return {
    metric: 'rocAuc',
    reason: `${ranking}. The rarer class is ${formatPercent(rarer)} of the rows, so read prAuc beside it: it tells how many alarms are right.`,
  }
}

function givenMetric(name: string, task: Problem['task']): ChosenMetric {
  return { metric: requireTask(name, task, 'METRIC_UNKNOWN'), reason: `Judged by ${name}, as given.` }
}

function requireTask(
  name: string,
  task: Problem['task'],
  code: 'METRIC_UNKNOWN' | 'CRITERIA_UNKNOWN_METRIC',
): MetricName {
  if (isMetricName(name) && METRICS[name].task === task) return name
  const known = METRIC_NAMES.filter((metric) => METRICS[metric].task === task)
  const meant = nearestName(name, known)
  const hint = meant === undefined ? '' : ` (did you mean '${meant}'?)`
  throw new FivefoldError(code, `no metric '${name}' for ${task}${hint}; there are: ${known.join(', ')}`)
}
