import { FivefoldError } from '../../../core/index.ts'
import {
  type Column,
  type Frame,
  finiteOrNaN,
  type Predictions,
  type Schema,
  stringColumnFrom,
} from '../../../data/index.ts'
import type { TensorLiteral } from '../../../onnx/index.ts'
import type { TableFace, Tensors } from './servable.ts'

export interface TablePredictions {
  readonly predictions: Predictions
  /** The class chosen for each row; absent for regression. */
  readonly labels?: readonly string[]
}

/** Raw columns as a frame. */
export function frameOfTensors(feeds: Tensors, { columns }: TableFace): Frame {
  const tensors = columns.map(({ name }) => [name, feeds[name]!] as const)
  return {
    rowCount: tensors[0]![1].data.length,
    columns: new Map(tensors.map(([name, data]) => [name, columnOf(data)])),
  }
}

function columnOf(tensor: TensorLiteral): Column {
  if (tensor.type === 'string') return stringColumnFrom(tensor.data)
  if (tensor.type === 'int64' || tensor.type === 'uint64')
    return { kind: 'number', values: Float64Array.from(tensor.data, Number) }
  return { kind: 'number', values: Float64Array.from(tensor.data, finiteOrNaN) }
}

/** What the graph of a bundle says: `label` and `probability_<class>`, or `prediction`. */
export function predictionsOf(answer: Tensors, { output }: TableFace): TablePredictions {
  if (output.task === 'regression')
    return { predictions: { kind: 'number', values: Float64Array.from(numbersOf(answer, 'prediction')) } }
  const { classes } = output
  const labels = labelsOf(answer)
  const probabilities = new Float64Array(labels.length * classes.length)
  classes.forEach((name, k) => {
    const column = numbersOf(answer, `probability_${name}`)
    for (let row = 0; row < labels.length; row++) probabilities[row * classes.length + k] = column[row]!
  })
  return { predictions: { kind: 'classes', classes, probabilities }, labels }
}

export function labelsOf(answer: Tensors): readonly string[] {
  const label = answer.label
  if (label?.type === 'string') return label.data
  throw new FivefoldError('BUNDLE_INVALID', "the graph gives no texts as 'label'")
}

export function numbersOf(answer: Tensors, name: string): Float32Array {
  const tensor = answer[name]
  if (tensor?.type === 'float') return tensor.data
  throw new FivefoldError('BUNDLE_INVALID', `the graph gives no numbers as '${name}'`)
}

/** The columns of an answer: `label` and `probability_<class>`, or `prediction`. */
function answerNames({ output }: TableFace): { readonly name: string; readonly isText: boolean }[] {
  if (output.task === 'regression') return [{ name: 'prediction', isText: false }]
  const probabilities = output.classes.map((name) => ({ name: `probability_${name}`, isText: false }))
  return [{ name: 'label', isText: true }, ...probabilities]
}

/** An answer as a table; a number that is not finite is missing. */
export function frameOfAnswer(answer: Tensors, table: TableFace): Frame {
  const columns = answerNames(table).map(({ name, isText }): [string, Column] => [
    name,
    columnOf(isText ? { type: 'string', shape: [], data: labelsOf(answer) } : floats(numbersOf(answer, name))),
  ])
  return { rowCount: rowsOfColumn(columns[0]![1]), columns: new Map(columns) }
}

const floats = (data: Float32Array): TensorLiteral => ({ type: 'float', shape: [data.length], data })
const rowsOfColumn = (column: Column): number => (column.kind === 'number' ? column.values : column.codes).length

export function schemaOfAnswer(table: TableFace): Schema {
  return {
    columns: answerNames(table).map(({ name, isText }) => ({
      name,
      type: isText ? 'category' : 'number',
      tensor: isText ? 'string' : 'double',
      nullable: true,
      evidence: 'predicted',
    })),
  }
}
