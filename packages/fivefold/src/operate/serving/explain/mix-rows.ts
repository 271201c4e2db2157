import { type TensorLiteral, zerosOf } from '../../../onnx/index.ts'
import type { Tensors } from '../model/servable.ts'

/** A row made of two: columns at the `switched` places are those of the explained row, the others those of a background row. */
export interface MixedRow {
  readonly from: number
  readonly switched: ReadonlySet<number>
}

export function mixRows(
  row: Tensors,
  background: Tensors,
  columns: readonly string[],
  mixed: readonly MixedRow[],
): Tensors {
  return Object.fromEntries(
    columns.map((name, at) => {
      const sources = mixed.map(({ from, switched }) => (switched.has(at) ? FROM_ROW : from))
      return [name, gathered(row[name]!, background[name]!, sources)]
    }),
  )
}

const FROM_ROW = -1

function gathered(row: TensorLiteral, background: TensorLiteral, sources: readonly number[]): TensorLiteral {
  const shape = [sources.length, 1]
  const valueFrom = (from: number): unknown => (from === FROM_ROW ? row.data[0] : background.data[from])
  if (row.type === 'string') return { type: 'string', shape, data: sources.map((from) => valueFrom(from) as string) }
  const tensor = zerosOf(row.type, shape)
  sources.forEach((from, i) => {
    // Both have the type of the column, which the type of a union of arrays cannot say.
    ;(tensor.data as Float64Array)[i] = valueFrom(from) as number
  })
  return tensor
}
