import type { Column, ColumnSchema, Frame, Schema, SemanticType } from '../data/index.ts'

/** What training data looked like in one column: the ground on which the model stands. */
export interface ColumnSummary {
  readonly name: string
  readonly type: SemanticType
  /** In [0, 1]. */
  readonly missingShare: number
  /** Of numbers; datetimes as epoch milliseconds. */
  readonly low?: number
  readonly high?: number
  /** The most frequent values of categories, at most 1000, and how many different ones there are. */
  readonly values?: readonly string[]
  readonly valueCount?: number
}

const MAX_VALUES = 1000

/** Summaries of the columns that a model learned from, in the order of the schema. Texts and identifiers have no values listed. */
export function summarizeColumns(frame: Frame, schema: Schema, names: readonly string[]): ColumnSummary[] {
  const wanted = new Set(names)
  return schema.columns.flatMap((column) => {
    const values = frame.columns.get(column.name)
    return values === undefined || !wanted.has(column.name) ? [] : [summarize(column, values)]
  })
}

function summarize({ name, type }: ColumnSchema, column: Column): ColumnSummary {
  if (column.kind === 'number') return { name, type, ...rangeOf(column.values) }
  const counts = new Float64Array(column.dictionary.length)
  let missing = 0
  for (const code of column.codes) {
    if (code < 0) missing++
    else counts[code]!++
  }
  const missingShare = column.codes.length === 0 ? 0 : missing / column.codes.length
  if (type === 'text' || type === 'identifier') return { name, type, missingShare }
  const present = [...counts.keys()].filter((code) => counts[code]! > 0)
  const frequent = present.sort((a, b) => counts[b]! - counts[a]! || a - b).slice(0, MAX_VALUES)
  return {
    name,
    type,
    missingShare,
    values: frequent.map((code) => column.dictionary[code]!),
    valueCount: present.length,
  }
}

function rangeOf(values: Float64Array): Pick<ColumnSummary, 'missingShare' | 'low' | 'high'> {
  let missing = 0
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (Number.isNaN(value)) missing++
    else {
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  }
  const missingShare = values.length === 0 ? 0 : missing / values.length
  return missing === values.length ? { missingShare } : { missingShare, low, high }
}
