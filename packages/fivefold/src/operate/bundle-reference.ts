import type { Bundle } from '../bundle/index.ts'
import { inputSchema } from '../bundle/index.ts'
import {
  alignClasses,
  type ColumnSchema,
  columnOf,
  type Frame,
  numberColumnOf,
  openTable,
  type Predictions,
  type Schema,
  selectColumns,
  type Target,
  targetFromColumn,
} from '../data/index.ts'
import type { Problem } from '../problem/index.ts'

/** What a model's current life is compared with. */
export interface BundleReference {
  /** Raw columns, in the order of the training rows. */
  readonly frame: Frame
  readonly target: Target
  /** For rows that the predicting model had not seen. */
  readonly predictions: Predictions
}

/** Reads the reference sample that a run left in a bundle. @throws DATA_COLUMN_UNKNOWN where it lacks a column. */
export async function readReference(bundle: Bundle): Promise<BundleReference> {
  const { manifest } = bundle
  const { problem } = manifest
  const inputs = inputSchema(manifest).columns
  const target = targetColumn(problem)
  const predicted = predictionNames(problem).map(numberColumn)
  const schema: Schema = { columns: [...inputs, target, ...predicted] }
  await using table = await openTable({ location: bundle.referencePath, schema })
  const frame = await table.read()
  return {
    frame: selectColumns(
      frame,
      inputs.map((column) => column.name),
    ),
    target: alignClasses(targetFromColumn(columnOf(frame, problem.target), target, problem.task), problem.classes)
      .target,
    predictions: predictionsOf(problem, frame),
  }
}

const predictionNames = ({ task, classes }: Problem): string[] =>
  task === 'regression' ? ['prediction'] : classes.map((name) => `probability_${name}`)

function targetColumn({ task, target }: Problem): ColumnSchema {
  return task === 'regression' ? numberColumn(target) : { ...numberColumn(target), type: 'category', tensor: 'string' }
}

function numberColumn(name: string): ColumnSchema {
  return { name, type: 'number', tensor: 'double', nullable: true, evidence: 'declared by the bundle' }
}

function predictionsOf(problem: Problem, frame: Frame): Predictions {
  const columns = predictionNames(problem).map((name) => numberColumnOf(frame, name).values)
  if (problem.task === 'regression') return { kind: 'number', values: columns[0]! }
  const width = columns.length
  const probabilities = new Float64Array(frame.rowCount * width)
  columns.forEach((values, k) => {
    for (let row = 0; row < values.length; row++) probabilities[row * width + k] = values[row]!
  })
  return { kind: 'classes', classes: problem.classes, probabilities }
}
