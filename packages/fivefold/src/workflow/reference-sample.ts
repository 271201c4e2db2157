import { createRng } from '../core/index.ts'
import {
  type Column,
  type ColumnSchema,
  columnOf,
  type Frame,
  type Predictions,
  type Schema,
  takeRows,
} from '../data/index.ts'
import type { EvaluateInput } from './evaluate-input.ts'

/** Enough to see a shift of one percent of the rows, and small beside most models. */
const REFERENCE_ROWS = 20_000

/**
 * What current data will be compared with: held-out training rows with their target and with predictions of models that
 * had not seen them. Predictions for rows that a model was trained on would be too sure of themselves.
 */
export function referenceSample(input: EvaluateInput): { frame: Frame; schema: Schema } {
  const { trained, train, problem, schema } = input
  const { rows, predictions } = trained.heldOut
  const picked = sampleAscending(rows, input.stages.context.seed)
  const tableRows = picked.map((at) => rows[at]!)
  const names = [...trained.inputs.map((column) => column.name), problem.target]
  const columns = new Map<string, Column>(names.map((name) => [name, columnOf(train.frame, name)]))
  const taken = takeRows({ rowCount: train.frame.rowCount, columns }, tableRows)
  const all = new Map(taken.columns)
  for (const [name, values] of predictionValues(predictions, picked)) all.set(name, { kind: 'number', values })
  const declared = names.map((name) => schema.columns.find((column) => column.name === name)!)
  const predicted = [...all.keys()].slice(names.length).map(predictionColumn)
  return { frame: { rowCount: picked.length, columns: all }, schema: { columns: [...declared, ...predicted] } }
}

/** Positions in `rows`, in the order of the rows they name, so that time goes forward through the sample. */
function sampleAscending(rows: Uint32Array, seed: number): Uint32Array {
  const positions = Uint32Array.from(rows, (_, at) => at)
  const picked = createRng(seed).fork('reference').shuffle(positions).subarray(0, REFERENCE_ROWS)
  return Uint32Array.from(picked).sort((a, b) => rows[a]! - rows[b]!)
}

function predictionValues(predictions: Predictions, picked: Uint32Array): [string, Float64Array][] {
  if (predictions.kind === 'number') return [['prediction', Float64Array.from(picked, (at) => predictions.values[at]!)]]
  const { classes, probabilities } = predictions
  return classes.map((name, k) => [
    `probability_${name}`,
    Float64Array.from(picked, (at) => probabilities[at * classes.length + k]!),
  ])
}

const predictionColumn = (name: string): ColumnSchema => ({
  name,
  type: 'number',
  tensor: 'double',
  nullable: false,
  evidence: 'predicted for rows that the model had not seen',
})
