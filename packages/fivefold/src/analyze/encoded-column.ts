import { type ColumnSchema, columnOf, type Frame, type SemanticType } from '../data/index.ts'
import { presentOrder, ranksInOrder } from './association-measures.ts'

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
  /** Row numbers of present values, by rising value. */
  order(): Uint32Array
  /** Ranks from 1 among the present values, ties at their mean. */
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
  const order = once(() => presentOrder(values))
  const values = isNumeric && column.kind === 'number' ? column.values : new Float64Array(0)
  return {
    name,
    type,
    isNumeric,
    values,
    order,
    ranks: once(() => ranksInOrder(values, order())),
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

/** Bins of about equal size; a value that would fill several has one to itself, so there may be fewer. */
function quantileCodes(values: Float64Array): Binned {
  const edges = quantileEdges(values.filter((value) => !Number.isNaN(value)).sort())
  const codes = Int32Array.from(values, (value) => (Number.isNaN(value) ? -1 : countUpTo(edges, value)))
  return { codes, names: Array.from({ length: edges.length + 1 }, (_, i) => String(i)) }
}

/** Lower ends of all bins but the first. Plain numeric sorting is several times faster than ordering row numbers. */
function quantileEdges(sorted: Float64Array): Float64Array {
  const edges = new Set<number>()
  let last = Number.NaN
  for (let k = 1; k < QUANTILE_BINS; k++) {
    const edge = sorted[Math.floor((k * sorted.length) / QUANTILE_BINS)]!
    const next = edge === last ? sorted[countUpTo(sorted, edge)] : undefined
    if (next !== undefined) edges.add(next)
    if (edge > sorted[0]!) edges.add(edge)
    last = edge
  }
  return Float64Array.from(edges).sort()
}

/** How many of the rising values are at most `bound`. */
function countUpTo(rising: Float64Array, bound: number): number {
  let low = 0
  let high = rising.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (rising[middle]! <= bound) low = middle + 1
    else high = middle
  }
  return low
}
