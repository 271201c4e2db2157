import { type ColumnSchema, columnOf, type Frame, type SemanticType } from '../data/index.ts'
import { presentOrder, ranksOf } from './association-measures.ts'

/** Rarer levels than these share one code: their own would say nothing on so few rows. */
const MOST_LEVELS = 50
const QUANTILE_BINS = 16

/** A sampled column in the forms that measures need; each is made once, when first asked for. */
export interface EncodedColumn {
  readonly name: string
  readonly type: SemanticType
  readonly isNumeric: boolean
  /** Numbers (times as epoch milliseconds); empty for categories. */
  readonly values: Float64Array
  ranks(): Float64Array
  /** Codes of categories, or of quantile bins of numbers; -1 is missing. */
  codes(): Int32Array
  levels(): number
  /** Names of the codes of a category. */
  levelNames(): readonly string[]
}

export function encodeColumn(frame: Frame, { name, type }: ColumnSchema): EncodedColumn {
  const column = columnOf(frame, name)
  const isNumeric = column.kind === 'number' && type !== 'boolean'
  const binned = once(() => {
    if (column.kind === 'string') return frequentCodes(column.codes, column.dictionary)
    return type === 'boolean' ? booleanCodes(column.values) : quantileCodes(column.values)
  })
  const values = isNumeric && column.kind === 'number' ? column.values : new Float64Array(0)
  return {
    name,
    type,
    isNumeric,
    values,
    ranks: once(() => ranksOf(values)),
    codes: () => binned().codes,
    levels: () => binned().names.length,
    levelNames: () => binned().names,
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

interface Binned {
  readonly codes: Int32Array
  readonly names: readonly string[]
}

function booleanCodes(values: Float64Array): Binned {
  return { codes: Int32Array.from(values, (value) => (Number.isNaN(value) ? -1 : value)), names: ['false', 'true'] }
}

function frequentCodes(codes: Int32Array, dictionary: readonly string[]): Binned {
  const counts = new Float64Array(dictionary.length)
  for (const code of codes) if (code >= 0) counts[code]!++
  const order = Array.from(counts.keys())
    .filter((code) => counts[code]! > 0)
    .sort((a, b) => counts[b]! - counts[a]! || a - b)
  const kept = order.slice(0, MOST_LEVELS)
  const placeOf = new Int32Array(dictionary.length).fill(kept.length)
  for (const [place, code] of kept.entries()) placeOf[code] = place
  const names = kept.map((code) => dictionary[code]!)
  if (order.length > kept.length) names.push('(others)')
  return { codes: codes.map((code) => (code < 0 ? -1 : placeOf[code]!)), names }
}

/** Bins of about equal size; equal values never fall into two, so there may be fewer. */
function quantileCodes(values: Float64Array): Binned {
  const order = presentOrder(values)
  const codes = new Int32Array(values.length).fill(-1)
  const size = order.length / QUANTILE_BINS
  let bin = -1
  for (let start = 0; start < order.length; ) {
    const value = values[order[start]!]!
    let end = start + 1
    while (end < order.length && values[order[end]!] === value) end++
    if (bin < 0 || start >= size * (bin + 1)) bin++
    // A value that fills several bins by itself leaves them unused.
    for (let k = start; k < end; k++) codes[order[k]!] = bin
    start = end
  }
  return { codes, names: Array.from({ length: bin + 1 }, (_, i) => String(i)) }
}
