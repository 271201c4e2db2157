import { type Context, throwIfCancelled } from '../core/index.ts'
import {
  type Column,
  columnOf,
  type Frame,
  type Predictions,
  type Target,
  takeRows,
  takeTargetRows,
} from '../data/index.ts'
import { METRICS, type MetricName } from '../metrics/index.ts'
import { compareOutcomes, outcomeOf } from './outcome.ts'

export interface ColumnImportance {
  readonly name: string
  /** How much worse the metric becomes, in its unit; around 0 for a column that the model does not use. */
  readonly value: number
  /** 95% interval over the rows. */
  readonly low: number
  readonly high: number
}

export interface PermutationImportance {
  readonly metric: MetricName
  /** Rows that the columns were shuffled among. */
  readonly rows: number
  /** Most important first. */
  readonly columns: readonly ColumnImportance[]
}

export interface PermutationImportanceInput {
  readonly predict: (frame: Frame) => Promise<Predictions>
  /** Rows that the model was not fitted on. */
  readonly frame: Frame
  readonly target: Target
  /** Raw columns that the model takes. */
  readonly columns: readonly string[]
  readonly metric: MetricName
  readonly threshold: number | undefined
  readonly context: Context
}

/** Rows that are predicted again, over all columns together: bounds the time for tables with many columns. */
const PREDICTED_ROWS = 400_000
const [LEAST_ROWS, MOST_ROWS] = [500, 5_000]

/**
 * How much worse the metric becomes when one column's values are shuffled among the rows (Breiman, "Random Forests",
 * 2001; for any model Fisher, Rudin and Dominici, 2019): the column then says nothing, and the rest stays as it is. The
 * interval is that of the paired difference on the same rows. Undefined where the rows do not define the metric.
 */
export async function permutationImportance(
  input: PermutationImportanceInput,
): Promise<PermutationImportance | undefined> {
  const { metric, threshold, context, columns } = input
  const rng = context.rng.fork('importance')
  const rows = sampleRows(input, rng.fork('rows'))
  const [frame, target] = [takeRows(input.frame, rows), takeTargetRows(input.target, rows)]
  const measure = async (shown: Frame) => outcomeOf(target, await input.predict(shown), threshold)
  const whole = await measure(frame)
  const found: ColumnImportance[] = []
  for (const [done, name] of columns.entries()) {
    throwIfCancelled(context.signal)
    context.progress({ stage: 'importance', done, total: columns.length, note: name })
    const order = rng.fork(`column ${name}`).shuffle(Uint32Array.from(rows, (_, at) => at))
    const shuffled = new Map(frame.columns).set(name, reordered(columnOf(frame, name), order))
    const compared = compareOutcomes(metric, whole, await measure({ ...frame, columns: shuffled }))
    if (compared === undefined) return undefined
    const { difference, low, high } = compared
    const worse = METRICS[metric].higherIsBetter
      ? { value: difference, low, high }
      : { value: 0 - difference, low: 0 - high, high: 0 - low }
    found.push({ name, ...worse })
  }
  return { metric, rows: rows.length, columns: found.sort((a, b) => b.value - a.value) }
}

function sampleRows({ frame, columns }: PermutationImportanceInput, rng: Context['rng']): Uint32Array {
  const wanted = Math.min(MOST_ROWS, Math.max(LEAST_ROWS, Math.floor(PREDICTED_ROWS / Math.max(1, columns.length))))
  const all = Uint32Array.from({ length: frame.rowCount }, (_, row) => row)
  return all.length <= wanted ? all : rng.shuffle(all).slice(0, wanted).sort()
}

function reordered(column: Column, order: Uint32Array): Column {
  if (column.kind === 'number')
    return { kind: 'number', values: Float64Array.from(order, (row) => column.values[row]!) }
  return { ...column, codes: Int32Array.from(order, (row) => column.codes[row]!) }
}
