import { FivefoldError } from '../../core/index.ts'
import { type Column, mergeDictionary, type StringColumn } from '../../data/index.ts'

/** Category codes of both sides over one list of labels; missing values left out, row order kept. */
export interface CategorySamples {
  readonly labels: readonly string[]
  readonly reference: Int32Array
  readonly current: Int32Array
}

export interface NumberSamples {
  readonly reference: Float64Array
  readonly current: Float64Array
}

export interface ColumnPair {
  readonly reference: Column
  readonly current: Column
}

export function isMissingAt(column: Column): (row: number) => boolean {
  return column.kind === 'number' ? (row) => Number.isNaN(column.values[row]!) : (row) => column.codes[row]! < 0
}

export function rowCountOf(column: Column): number {
  return column.kind === 'number' ? column.values.length : column.codes.length
}

/** 1 for each row that is missing. */
export function missingFlags(column: Column): Int32Array {
  const missing = isMissingAt(column)
  return Int32Array.from({ length: rowCountOf(column) }, (_, row) => (missing(row) ? 1 : 0))
}

/** A column that is all missing fits any kind: a source cannot know what it would have held. */
export function samePairKind(name: string, reference: Column, current: Column): ColumnPair {
  if (reference.kind === current.kind) return { reference, current }
  if (isAllMissing(current)) return { reference, current: emptied(current, reference.kind) }
  if (isAllMissing(reference)) return { reference: emptied(reference, current.kind), current }
  const [was, is] = [reference, current].map((column) => (column.kind === 'number' ? 'numbers' : 'text'))
  throw new FivefoldError('DATA_TYPE_MISMATCH', `column '${name}' holds ${was} in the reference and ${is} now`)
}

function isAllMissing(column: Column): boolean {
  return missingFlags(column).every((flag) => flag === 1)
}

function emptied(column: Column, kind: Column['kind']): Column {
  const rows = rowCountOf(column)
  if (kind === 'number') return { kind, values: new Float64Array(rows).fill(Number.NaN) }
  return { kind, codes: new Int32Array(rows).fill(-1), dictionary: [] }
}

export function numberSamples(reference: Float64Array, current: Float64Array): NumberSamples {
  const present = (value: number): boolean => !Number.isNaN(value)
  return { reference: reference.filter(present), current: current.filter(present) }
}

export function categorySamples(reference: StringColumn, current: StringColumn): CategorySamples {
  const codeOf = new Map<string, number>()
  const sides = [reference, current].map((column) => {
    const translation = mergeDictionary(column.dictionary, codeOf)
    return column.codes.filter((code) => code >= 0).map((code) => translation[code]!)
  })
  return { labels: [...codeOf.keys()], reference: sides[0]!, current: sides[1]! }
}

/** Numbers that take few values are compared value by value; undefined where they take more than `most`. */
export function fewValuesAsCategories(
  { reference, current }: NumberSamples,
  most: number,
): CategorySamples | undefined {
  const distinct = new Set<number>()
  for (const values of [reference, current]) {
    for (const value of values) {
      distinct.add(value)
      if (distinct.size > most) return undefined
    }
  }
  const sorted = [...distinct].sort((a, b) => a - b)
  const codeOf = new Map(sorted.map((value, code) => [value, code]))
  const codes = (values: Float64Array): Int32Array => Int32Array.from(values, (value) => codeOf.get(value)!)
  return { labels: sorted.map(String), reference: codes(reference), current: codes(current) }
}
