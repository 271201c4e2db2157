import type { Column, ColumnSchema, Frame, Schema } from '../data/index.ts'
import { quantileOfSorted } from '../metrics/index.ts'

/** Rows of a column parted into groups: categories, bins of a number, and the missing ones. */
export interface RowGroups {
  readonly column: string
  /** Group of each row; -1 for rows of categories too rare to be named. */
  readonly codes: Int32Array
  readonly groups: readonly { readonly name: string; readonly text: string }[]
}

const MAX_CATEGORIES = 30
const NUMBER_BINS = 5
/** Numbers with at most so many different values are taken as they are. */
const MAX_DISTINCT = 6

/** Whether rows can be told apart by the column in a way that a reader understands. */
export function canGroupBy({ type }: ColumnSchema): boolean {
  return type === 'category' || type === 'boolean' || type === 'number' || type === 'integer' || type === 'datetime'
}

/** Groups of one column; undefined where all rows fall into one. */
export function groupRows(frame: Frame, schema: Schema, name: string): RowGroups | undefined {
  const column = frame.columns.get(name)
  const described = schema.columns.find((candidate) => candidate.name === name)
  if (column === undefined || described === undefined) return undefined
  const grouped = column.kind === 'string' ? groupStrings(name, column) : groupNumbers(described, column.values)
  const seen = new Set(grouped.codes)
  return seen.size > 1 ? grouped : undefined
}

function groupStrings(name: string, column: Extract<Column, { kind: 'string' }>): RowGroups {
  const counts = new Float64Array(column.dictionary.length)
  for (const code of column.codes) if (code >= 0) counts[code]!++
  const frequent = [...counts.keys()]
    .filter((code) => counts[code]! > 0)
    .sort((a, b) => counts[b]! - counts[a]! || a - b)
    .slice(0, MAX_CATEGORIES)
  const groups = frequent.map((code) => ({
    name: column.dictionary[code]!,
    text: `${name} = ${column.dictionary[code]}`,
  }))
  const groupOf = new Int32Array(counts.length).fill(-1)
  frequent.forEach((code, group) => {
    groupOf[code] = group
  })
  const codes = column.codes.map((code) => (code < 0 ? groups.length : groupOf[code]!))
  return { column: name, codes, groups: [...groups, missingGroup(name)] }
}

const missingGroup = (name: string) => ({ name: 'missing', text: `${name} is missing` })

function groupNumbers({ name, type }: ColumnSchema, values: Float64Array): RowGroups {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort()
  const distinct = firstDistinct(sorted)
  const show = type === 'datetime' ? showDate : type === 'boolean' ? showBoolean : showNumber
  if (distinct.length <= MAX_DISTINCT) {
    const groups = distinct.map((value) => ({ name: show(value), text: `${name} = ${show(value)}` }))
    const codes = Int32Array.from(values, (value) => (Number.isNaN(value) ? groups.length : distinct.indexOf(value)))
    return { column: name, codes, groups: [...groups, missingGroup(name)] }
  }
  const edges = binEdges(sorted)
  const groups = edges
    .slice(1)
    .map((high, bin) => binName(name, show(edges[bin]!), show(high), bin === edges.length - 2))
  const codes = Int32Array.from(values, (value) => (Number.isNaN(value) ? groups.length : binOf(edges, value)))
  return { column: name, codes, groups: [...groups, missingGroup(name)] }
}

function binName(column: string, low: string, high: string, last: boolean): { name: string; text: string } {
  return { name: `${low} to ${high}`, text: `${low} ≤ ${column} ${last ? '≤' : '<'} ${high}` }
}

/** At most one more than are taken as they are. */
function firstDistinct(sorted: Float64Array): number[] {
  const distinct: number[] = []
  for (const value of sorted) {
    if (value === distinct.at(-1)) continue
    distinct.push(value)
    if (distinct.length > MAX_DISTINCT) break
  }
  return distinct
}

/** Edges of bins of about equally many rows; fewer where values repeat. */
function binEdges(sorted: Float64Array): number[] {
  const edges = Array.from({ length: NUMBER_BINS + 1 }, (_, i) => quantileOfSorted(sorted, i / NUMBER_BINS))
  return [...new Set(edges)]
}

function binOf(edges: readonly number[], value: number): number {
  let bin = 0
  while (bin < edges.length - 2 && value >= edges[bin + 1]!) bin++
  return bin
}

const showNumber = (value: number): string => String(Number(value.toPrecision(5)))
const showBoolean = (value: number): string => (value === 0 ? 'false' : 'true')
const showDate = (value: number): string => new Date(value).toISOString().slice(0, 10)
