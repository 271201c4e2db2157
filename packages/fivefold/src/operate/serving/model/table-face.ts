import type { ColumnSchema } from '../../../data/index.ts'
import type { TableFace } from './servable.ts'

/** A raw column that the model takes, with what is known about it beyond its type. */
export interface ServedColumn extends Pick<ColumnSchema, 'name' | 'type' | 'tensor' | 'nullable'> {
  /** What the column means, in words. */
  readonly meaning?: string
  /** Smallest and largest value of training; values beyond are served all the same. Datetimes: epoch milliseconds. */
  readonly range?: readonly [number, number]
  /** Values of training, most frequent first; others are served all the same. */
  readonly categories?: readonly string[]
}

/** What a model answers. For two classes the second is the positive one. */
export type ServedOutput =
  | { readonly task: 'classification'; readonly target: string; readonly classes: readonly string[] }
  | { readonly task: 'regression'; readonly target: string }

export type JsonScalar = string | number | boolean | null

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
