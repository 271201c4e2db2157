import type { ElementType } from '../../../onnx/index.ts'
import type { TableFace } from '../model/servable.ts'
import type { JsonScalar, ServedColumn } from '../model/table-face.ts'

/** A plausible row: the middle of each range, the most frequent category. */
export function exampleRow(table: TableFace): Readonly<Record<string, JsonScalar>> {
  return table.example ?? Object.fromEntries(table.columns.map((column) => [column.name, exampleValue(column)]))
}

function exampleValue({ type, tensor, nullable, range, categories }: ServedColumn): JsonScalar {
  if (tensor === 'string') return categories?.[0] ?? (type === 'constant' && nullable ? null : 'a')
  if (type === 'boolean' || tensor === 'bool') return true
  const middle = range ? (range[0] + range[1]) / 2 : undefined
  if (type === 'datetime') return new Date(middle ?? Date.UTC(2025, 0, 1)).toISOString()
  const isWhole = tensor === 'int64' || type === 'integer'
  return isWhole ? Math.round(middle ?? 1) : Number((middle ?? 1).toPrecision(4))
}

/** A plausible element of a tensor that is no column. */
export function exampleElement(type: ElementType): JsonScalar {
  if (type === 'string') return 'a'
  if (type === 'bool') return true
  return type === 'float' || type === 'double' || type === 'float16' ? 0.5 : 1
}
