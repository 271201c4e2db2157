import { FivefoldError } from '../core/index.ts'
import type { Column, Frame } from '../data/index.ts'
import type { TensorLiteral } from '../onnx/index.ts'
import type { BundleInput } from './manifest.ts'

type ModelColumn = Pick<BundleInput, 'name' | 'tensor'>

/** Raw columns as the tensors of the graph, [count, 1] each, for rows `from` on. Throws MODEL_INPUT naming the column. */
export function feedsOf(
  inputs: readonly ModelColumn[],
  frame: Frame,
  from: number,
  count: number,
): Record<string, TensorLiteral> {
  const feeds: Record<string, TensorLiteral> = {}
  for (const input of inputs) {
    const column = frame.columns.get(input.name)
    if (!column) throw missingColumn(input.name, inputs)
    feeds[input.name] = tensorOf(input, column, from, count)
  }
  return feeds
}

function tensorOf(input: ModelColumn, column: Column, from: number, count: number): TensorLiteral {
  const shape = [count, 1]
  if (input.tensor === 'string') return { type: 'string', shape, data: textsOf(input, column, from, count) }
  const values = numbersOf(input, column, from, count)
  if (input.tensor === 'double') return { type: 'double', shape, data: values }
  const isWhole = input.tensor === 'bool' ? (x: number) => x === 0 || x === 1 : Number.isSafeInteger
  for (let i = 0; i < count; i++) if (!isWhole(values[i]!)) throw wrongValue(input, values[i]!, from + i)
  if (input.tensor === 'bool') return { type: 'bool', shape, data: Uint8Array.from(values) }
  return { type: 'int64', shape, data: BigInt64Array.from(values, BigInt) }
}

function numbersOf(input: ModelColumn, column: Column, from: number, count: number): Float64Array {
  if (column.kind === 'number') return column.values.subarray(from, from + count)
  // A column of nothing but gaps has no type of its own.
  const row = firstPresent(column.codes, from, count)
  if (row < 0) return new Float64Array(count).fill(Number.NaN)
  const text = column.dictionary[column.codes[row]!]!
  throw modelInput(input.name, row, `column '${input.name}' takes numbers, row ${row} has the text ${quote(text)}`)
}

function firstPresent(codes: Int32Array, from: number, count: number): number {
  for (let row = from; row < from + count; row++) if (codes[row]! >= 0) return row
  return -1
}

function textsOf(input: ModelColumn, column: Column, from: number, count: number): string[] {
  const texts = new Array<string>(count)
  if (column.kind === 'string') {
    const { codes, dictionary } = column
    for (let i = 0; i < count; i++) texts[i] = codes[from + i]! < 0 ? '' : dictionary[codes[from + i]!]!
    return texts
  }
  for (let i = 0; i < count; i++) {
    const value = column.values[from + i]!
    if (!Number.isNaN(value)) {
      const place = `column '${input.name}' takes text, row ${from + i} has the number ${value}`
      throw modelInput(input.name, from + i, place)
    }
    texts[i] = ''
  }
  return texts
}

function wrongValue({ name, tensor }: ModelColumn, value: number, row: number): FivefoldError {
  const wanted = tensor === 'bool' ? 'true or false' : 'whole numbers'
  const found = Number.isNaN(value) ? 'is missing' : `is ${value}`
  return modelInput(name, row, `column '${name}' takes ${wanted} and no gaps, as in training; row ${row} ${found}`)
}

function missingColumn(name: string, inputs: readonly ModelColumn[]): FivefoldError {
  const names = inputs.map((input) => input.name).join(', ')
  return new FivefoldError('MODEL_INPUT', `column '${name}' is missing; the model takes: ${names}`, {
    issues: [{ path: [name], message: 'missing' }],
  })
}

const modelInput = (name: string, row: number, message: string): FivefoldError =>
  new FivefoldError('MODEL_INPUT', message, { issues: [{ path: ['rows', row, name], message }] })

const quote = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)
