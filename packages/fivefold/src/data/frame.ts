import { FivefoldError } from '../core/index.ts'
import { unknownColumns } from './unknown-columns.ts'

/** Numbers, integers, booleans (0 and 1) and datetimes (epoch milliseconds UTC). NaN is missing; infinities never occur. */
export interface NumberColumn {
  readonly kind: 'number'
  readonly values: Float64Array
}

/** Dictionary-encoded strings. Code -1 is missing; the empty string never occurs in a dictionary. */
export interface StringColumn {
  readonly kind: 'string'
  readonly codes: Int32Array
  readonly dictionary: readonly string[]
}

export type Column = NumberColumn | StringColumn

/** Columns in memory, all of the same length, in a fixed order. */
export interface Frame {
  readonly rowCount: number
  readonly columns: ReadonlyMap<string, Column>
}

/** Row numbers of a table, ascending. */
export type RowIndex = Uint32Array

export function columnOf(frame: Frame, name: string): Column {
  const column = frame.columns.get(name)
  if (column) return column
  throw unknownColumns([name], [...frame.columns.keys()])
}

export function numberColumnOf(frame: Frame, name: string): NumberColumn {
  const column = columnOf(frame, name)
  if (column.kind === 'number') return column
  throw new FivefoldError('DATA_TYPE_MISMATCH', `column '${name}' holds text where numbers are needed`)
}

export function stringColumnOf(frame: Frame, name: string): StringColumn {
  const column = columnOf(frame, name)
  if (column.kind === 'string') return column
  throw new FivefoldError('DATA_TYPE_MISMATCH', `column '${name}' holds numbers where text is needed`)
}

/** The named rows, in the order of `rows`. String dictionaries are shared, not copied. */
export function takeRows(frame: Frame, rows: RowIndex): Frame {
  const columns = new Map<string, Column>()
  for (const [name, column] of frame.columns) columns.set(name, takeColumnRows(column, rows))
  return { rowCount: rows.length, columns }
}

function takeColumnRows(column: Column, rows: RowIndex): Column {
  if (column.kind === 'number')
    return { kind: 'number', values: gather(column.values, rows, new Float64Array(rows.length)) }
  return {
    kind: 'string',
    codes: gather(column.codes, rows, new Int32Array(rows.length)),
    dictionary: column.dictionary,
  }
}

function gather<T extends Float64Array | Int32Array>(source: T, rows: RowIndex, into: T): T {
  for (let i = 0; i < rows.length; i++) into[i] = source[rows[i]!]!
  return into
}

/** A frame of some of the columns, in the order of `names`. */
export function selectColumns(frame: Frame, names: readonly string[]): Frame {
  return { rowCount: frame.rowCount, columns: new Map(names.map((name) => [name, columnOf(frame, name)])) }
}

/** Builds a frame from plain values; for examples, tests and single requests. `null`, `undefined`, NaN, ±Infinity and '' are missing. */
export function frameOf(
  columns: Readonly<Record<string, readonly (number | string | boolean | Date | null | undefined)[]>>,
): Frame {
  const entries = Object.entries(columns)
  const rowCount = entries[0]?.[1].length ?? 0
  for (const [name, values] of entries) {
    if (values.length !== rowCount)
      throw new FivefoldError('DATA_UNREADABLE', `column '${name}' has ${values.length} values, expected ${rowCount}`)
  }
  return { rowCount, columns: new Map(entries.map(([name, values]) => [name, columnFromValues(values)])) }
}

function columnFromValues(values: readonly (number | string | boolean | Date | null | undefined)[]): Column {
  return values.some((value) => typeof value === 'string') ? stringColumnFrom(values) : numberColumnFrom(values)
}

function numberColumnFrom(values: readonly unknown[]): NumberColumn {
  return {
    kind: 'number',
    values: Float64Array.from(values, (value) =>
      finiteOrNaN(value === null || value === undefined ? Number.NaN : Number(value)),
    ),
  }
}

export function stringColumnFrom(values: readonly unknown[]): StringColumn {
  const codeOf = new Map<string, number>()
  const codes = new Int32Array(values.length)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (value === null || value === undefined || value === '') {
      codes[i] = -1
      continue
    }
    const text = String(value)
    let code = codeOf.get(text)
    if (code === undefined) {
      code = codeOf.size
      codeOf.set(text, code)
    }
    codes[i] = code
  }
  return { kind: 'string', codes, dictionary: [...codeOf.keys()] }
}

/** Infinite values count as missing everywhere in Fivefold, in the model graph too. */
export function finiteOrNaN(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN
}
