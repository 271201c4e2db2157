import { FivefoldError } from '../../../../core/index.ts'
import { elementCount } from '../../../../onnx/index.ts'
import type { Servable, TensorSpec, Tensors } from '../../model/servable.ts'
import { csvCell, parseCells } from '../../tables/csv-rows.ts'
import { mostColumns } from '../../wire/json-bounds.ts'
import { decodeInstances } from '../values/instances.ts'
import { PYTHON_JSON, valueWriter } from '../values/json-of-tensor.ts'

/**
 * Tensors of CSV. For a bundle the first line may name columns; without names a line has all of them in the model's order.
 * For other models each line is a row of the only input, and there are no names.
 *
 * @throws REQUEST_INVALID, REQUEST_TOO_LARGE, MODEL_INPUT
 */
export function decodeCsv(body: Buffer, model: Servable, rows: number): Tensors {
  const text = decodeUtf8(body).replace(/^\uFEFF/, '')
  const lines = parseCells(text, { rows, columns: mostColumns(columnsOf(model)) })
  const limits = { rows, elements: body.length }
  return decodeInstances(model.table ? tableRows(lines, model) : tensorRows(lines, model), model, limits)
}

function decodeUtf8(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (cause) {
    throw invalid('the body is not UTF-8', cause)
  }
}

/** As many as a line can have use for. */
function columnsOf({ table, inputs }: Servable): number {
  if (table) return table.columns.length
  const [, width = 1] = inputs[0]?.shape ?? []
  return width < 0 ? MOST_VALUES : width
}

const MOST_VALUES = 100_000

function tableRows(lines: readonly string[][], { inputs }: Servable): unknown[] {
  const names = new Set(inputs.map(({ name }) => name))
  const [first = [], ...rest] = lines
  if (!first.some((cell) => names.has(cell))) return [...lines]
  if (new Set(first).size < first.length) throw invalid('the header names a column twice')
  return rest.map((cells, row) => {
    if (cells.length !== first.length) throw invalid(`row ${row} has ${cells.length} cells, the header ${first.length}`)
    return Object.fromEntries(first.map((name, at) => [name, cells[at]]))
  })
}

function tensorRows(lines: readonly string[][], { inputs }: Servable): unknown[] {
  const [only, ...more] = inputs
  if (!only || more.length > 0) throw invalid('CSV is for models with one input: send application/json')
  const read = cellReader(only)
  const isFlat = only.shape.length === 1
  return lines.map((cells, row) => {
    if (isFlat && cells.length > 1) throw invalid(`row ${row} has ${cells.length} cells, the model takes one`)
    const values = cells.map((cell, at) => read(cell, `row ${row}, cell ${at}`))
    return isFlat ? values[0] : values
  })
}

function cellReader({ type }: TensorSpec): (cell: string, place: string) => unknown {
  if (type === 'string') return (cell) => cell
  if (type === 'bool') return (cell) => ({ true: true, '1': true, false: false, '0': false })[cell.trim().toLowerCase()]
  return (cell, place) => {
    const text = cell.trim()
    if (!NUMBER.test(text)) throw invalid(`${place}: '${text.slice(0, 40)}' is not a number`)
    const value = Number(text)
    return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d{1,20}$/.test(text) ? BigInt(text) : value
  }
}

const NUMBER = /^[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|nan|infinity|inf)$/i

/** A line for each row: the values of all outputs, in the order of the model's metadata, without names. */
export function encodeCsv(outputs: Tensors, { outputs: specs }: Servable): string {
  const columns = specs.flatMap(({ name }) => {
    const tensor = outputs[name]
    if (!tensor) return []
    const write =
      tensor.type === 'string' ? (at: number) => csvCell(tensor.data[at]!) : valueWriter(name, tensor, PYTHON_JSON)
    return [{ write, rows: tensor.shape[0] ?? 1, width: elementCount(tensor.shape.slice(1)) }]
  })
  const rowCount = columns[0]?.rows ?? 0
  if (columns.some(({ rows }) => rows !== rowCount))
    throw new FivefoldError('MODEL_INPUT', 'the outputs do not have one entry a row: accept application/json')
  return Array.from({ length: rowCount }, (_, row) => {
    const cells = columns.flatMap(({ write, width }) =>
      Array.from({ length: width }, (__, i) => write(row * width + i)),
    )
    return `${cells.join(',')}\n`
  }).join('')
}

const invalid = (message: string, cause?: unknown): FivefoldError =>
  new FivefoldError('REQUEST_INVALID', message, { cause })
