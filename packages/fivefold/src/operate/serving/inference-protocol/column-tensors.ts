import { didYouMean, FivefoldError } from '../../../core/index.ts'
import type { Frame } from '../../../data/index.ts'
import { frameOfRows } from '../rows-to-frame.ts'
import type { ServedColumn, ServedModel, ServedPredictions } from '../served-model.ts'
import type { ColumnTensor } from './infer-request.ts'
import type { TensorDatatype } from './tensor-types.ts'

const DATATYPES = { double: 'FP64', int64: 'INT64', bool: 'BOOL', string: 'BYTES' } as const

export interface TensorMetadata {
  readonly name: string
  readonly datatype: TensorDatatype
  /** -1 is any number of rows. */
  readonly shape: readonly number[]
}

export function inputMetadata(model: ServedModel): TensorMetadata[] {
  return model.inputs.map(({ name, tensor }) => ({ name, datatype: DATATYPES[tensor], shape: [-1, 1] }))
}

export function outputMetadata({ output }: ServedModel): TensorMetadata[] {
  if (output.task === 'regression') return [{ name: 'prediction', datatype: 'FP32', shape: [-1, 1] }]
  const probabilities = output.classes.map((name) => `probability_${name}`)
  return [
    { name: 'label', datatype: 'BYTES', shape: [-1, 1] },
    ...probabilities.map((name) => ({ name, datatype: 'FP32' as const, shape: [-1, 1] })),
  ]
}

/** The frame of a request's tensors. A tensor that is not sent is a column of missing values. */
export function frameOfTensors(tensors: readonly ColumnTensor[], inputs: readonly ServedColumn[]): Frame {
  const rowCount = tensors[0]!.cells.length
  const uneven = tensors.find(({ cells }) => cells.length !== rowCount)
  if (uneven)
    throw new FivefoldError(
      'REQUEST_INVALID',
      `input '${uneven.name}' has ${uneven.cells.length} rows, '${tensors[0]!.name}' ${rowCount}`,
    )
  const rows = Array.from({ length: rowCount }, (): Record<string, unknown> => Object.create(null))
  for (const { name, cells } of tensors) {
    cells.forEach((cell, i) => {
      rows[i]![name] = cell
    })
  }
  refuseUnknown(tensors, inputs)
  return frameOfRows(rows, inputs).frame
}

/** The metadata of the model name its tensors, so that another is a mistake of the client and no column too many. */
function refuseUnknown(tensors: readonly ColumnTensor[], inputs: readonly ServedColumn[]): void {
  const names = inputs.map(({ name }) => name)
  const unknown = tensors.find(({ name }) => !names.includes(name))?.name
  if (unknown !== undefined)
    throw new FivefoldError('MODEL_INPUT', `the model has no input '${unknown}'${didYouMean(unknown, names)}`)
}

export interface OutputTensor {
  readonly name: string
  readonly datatype: 'FP32' | 'BYTES'
  readonly shape: readonly [number, 1]
  readonly data: readonly number[] | readonly string[]
}

/** The named output of the model for every row; undefined where it has no such output. */
export function outputTensor(name: string, { predictions, labels = [] }: ServedPredictions): OutputTensor | undefined {
  if (predictions.kind === 'number')
    return name === 'prediction' ? floats(name, Array.from(predictions.values)) : undefined
  if (name === 'label') return { name, datatype: 'BYTES', shape: [labels.length, 1], data: labels }
  const { classes, probabilities } = predictions
  const k = classes.findIndex((className) => name === `probability_${className}`)
  if (k < 0) return undefined
  return floats(
    name,
    labels.map((_, row) => probabilities[row * classes.length + k]!),
  )
}

function floats(name: string, data: number[]): OutputTensor {
  return { name, datatype: 'FP32', shape: [data.length, 1], data }
}
