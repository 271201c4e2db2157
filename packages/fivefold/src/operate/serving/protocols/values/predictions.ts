import { FivefoldError } from '../../../../core/index.ts'
import { elementCount, type TensorLiteral } from '../../../../onnx/index.ts'
import type { Servable, Tensors } from '../../model/servable.ts'
import { type JsonStyle, nestedText, type ValueWriter, valueWriter } from './json-of-tensor.ts'

interface WrittenOutput {
  readonly name: string
  readonly shape: readonly number[]
  readonly write: ValueWriter
}

/**
 * A JSON list with one entry a row: the value of the only output, or an object by output name.
 *
 * @throws MODEL_INPUT where the outputs of the model do not have one entry a row
 */
export function encodeRows(outputs: Tensors, model: Servable, style: JsonStyle): string {
  return `[${rowTexts(outputs, model, style).join(',')}]`
}

/** The entries of `encodeRows`, each as JSON. */
export function rowTexts(outputs: Tensors, model: Servable, style: JsonStyle): string[] {
  const written = writtenOutputs(outputs, model, style)
  const rowCount = rowsOf(written)
  const [only, ...more] = written
  const rowWriters = written.map(({ shape, write }) => {
    const inner = shape.slice(1)
    const step = elementCount(inner)
    return (row: number): string => nestedText(write, inner, row * step)
  })
  if (only && more.length === 0) return Array.from({ length: rowCount }, (_, row) => rowWriters[0]!(row))
  const keys = written.map(({ name }) => `${JSON.stringify(name)}:`)
  return Array.from(
    { length: rowCount },
    (_, row) => `{${rowWriters.map((write, k) => keys[k]! + write(row)).join(',')}}`,
  )
}

/** The value of the only output as JSON, or an object of all of them. */
export function encodeColumns(outputs: Tensors, model: Servable, style: JsonStyle): string {
  const written = writtenOutputs(outputs, model, style)
  const texts = written.map(({ shape, write }) => nestedText(write, shape))
  if (written.length === 1) return texts[0]!
  return `{${written.map(({ name }, k) => `${JSON.stringify(name)}:${texts[k]}`).join(',')}}`
}

function writtenOutputs(outputs: Tensors, model: Servable, style: JsonStyle): WrittenOutput[] {
  return model.outputs.flatMap(({ name }) => {
    const tensor = outputs[name]
    return tensor ? [{ name, shape: shownShape(tensor, model), write: valueWriter(name, tensor, style) }] : []
  })
}

/** Columns of a table are values, not lists of one. */
function shownShape({ shape }: TensorLiteral, { table }: Servable): readonly number[] {
  return table && shape.length === 2 && shape[1] === 1 ? shape.slice(0, 1) : shape
}

function rowsOf(outputs: readonly WrittenOutput[]): number {
  const first = outputs[0]?.shape[0]
  const odd = outputs.find(({ shape }) => shape[0] === undefined || shape[0] !== first)
  if (!odd && first !== undefined) return first
  throw new FivefoldError(
    'MODEL_INPUT',
    `output '${odd?.name}' has not one entry a row: send 'inputs' instead of 'instances'`,
  )
}
