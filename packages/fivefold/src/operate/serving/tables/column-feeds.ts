import { didYouMean, FivefoldError } from '../../../core/index.ts'
import { fromHalf, type TensorLiteral } from '../../../onnx/index.ts'
import type { TableFace, Tensors } from '../model/servable.ts'
import type { ServedColumn } from '../model/table-face.ts'
import { feedsOfRows } from './row-feeds.ts'

/** Beyond these milliseconds from 1970 there are no dates (ECMAScript, time values). */
const MAX_DATE_MS = 8.64e15

/**
 * Tensors that a client sent, as the graph of a bundle takes them: [rows] or [rows, 1] for each column. What is sent as
 * another datatype is read by the rules of rows; a column that is not sent is a column of missing values.
 *
 * @throws REQUEST_INVALID for shapes, MODEL_INPUT for names and values
 */
export function feedsOfColumns(tensors: Tensors, { columns }: TableFace): Tensors {
  const rows = rowsOf(tensors)
  refuseUnknown(tensors, columns)
  return asTheyAre(tensors, columns, rows) ?? feedsOfRows(cellsOf(tensors, rows), columns).feeds
}

function rowsOf(tensors: Tensors): number {
  let [rows, first] = [-1, '']
  for (const [name, { shape }] of Object.entries(tensors)) {
    const size = shape[0] ?? 0
    if (size === 0 || shape.length > 2 || (shape.length === 2 && shape[1] !== 1))
      throw new FivefoldError('REQUEST_INVALID', `input '${name}': shape [${shape}] is not [rows, 1]`)
    if (rows < 0) [rows, first] = [size, name]
    if (size !== rows)
      throw new FivefoldError('REQUEST_INVALID', `input '${name}' has ${size} rows, '${first}' ${rows}`)
  }
  return rows
}

/** The metadata of the model name its tensors, so that another is a mistake of the client and no column too many. */
function refuseUnknown(tensors: Tensors, columns: readonly ServedColumn[]): void {
  for (const name of Object.keys(tensors)) {
    if (columns.some((column) => column.name === name)) continue
    const hint = didYouMean(
      name,
      columns.map((column) => column.name),
    )
    throw new FivefoldError('MODEL_INPUT', `the model has no input '${name.slice(0, 100)}'${hint}`)
  }
}

/** The tensors themselves, where they are what the graph takes and no value needs a second look. */
function asTheyAre(tensors: Tensors, columns: readonly ServedColumn[], rows: number): Tensors | undefined {
  const feeds: Record<string, TensorLiteral> = {}
  for (const column of columns) {
    const tensor = tensors[column.name]
    if (!tensor || tensor.type !== column.tensor || !isPlain(tensor, column)) return undefined
    feeds[column.name] = tensor.shape.length === 2 ? tensor : ({ ...tensor, shape: [rows, 1] } as TensorLiteral)
  }
  return feeds
}

function isPlain(tensor: TensorLiteral, { type, nullable }: ServedColumn): boolean {
  if (tensor.type === 'double') {
    const most = type === 'datetime' ? MAX_DATE_MS : Number.MAX_VALUE
    return tensor.data.every((value) => Math.abs(value) <= most || (nullable && Number.isNaN(value)))
  }
  if (tensor.type === 'int64') return tensor.data.every((value) => Number.isSafeInteger(Number(value)))
  if (tensor.type === 'string') return tensor.data.every((text) => (text === '' ? nullable : text.trim() !== ''))
  return true
}

function cellsOf(tensors: Tensors, rowCount: number): Record<string, unknown>[] {
  const rows = Array.from({ length: rowCount }, (): Record<string, unknown> => Object.create(null))
  for (const [name, tensor] of Object.entries(tensors)) {
    const cell = CELLS[tensor.type] ?? ((value: unknown) => value)
    for (let i = 0; i < rowCount; i++) rows[i]![name] = cell(tensor.data[i])
  }
  return rows
}

const wholeCell = (value: unknown): unknown => (Number.isSafeInteger(Number(value)) ? Number(value) : value)
const CELLS: Partial<Record<TensorLiteral['type'], (value: unknown) => unknown>> = {
  bool: (value) => value !== 0,
  int64: wholeCell,
  uint64: wholeCell,
  float16: (value) => fromHalf(value as number),
}
