import { FivefoldError } from '../../../../core/index.ts'
import type { Cell, CellTable, TableBounds } from '../cell-table.ts'
import { damaged } from './flat-buffer.ts'
import { type ArrowArray, readArrays } from './read-columns.ts'
import { type ArrowMessage, HEADERS, readMessages } from './read-messages.ts'
import { type ArrowField, readSchema } from './read-schema.ts'

/**
 * The columns named in `wanted` of Arrow IPC, as a stream or as a file, in flat types, plain or with dictionaries. It is read
 * here and not by a library, since readers of Arrow believe lengths that a message claims, and take memory for them.
 *
 * @throws REQUEST_INVALID, REQUEST_TOO_LARGE
 */
export function readArrow(bytes: Uint8Array, wanted: ReadonlySet<string>, bounds: TableBounds): CellTable {
  return withoutRangeErrors(() => {
    const reader = createTableReader(wanted, bounds)
    const batches = Array.from(readMessages(bytes), (message) => reader.take(message) ?? []).flat()
    const names = reader.names()
    return joined(
      names,
      batches.map((batch) => cellsOf(batch, 0, batch.rowCount)),
    )
  })
}

/** Reading beyond the end of a message is a RangeError of whatever read it. */
export function withoutRangeErrors<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (thrown) {
    if (thrown instanceof RangeError) throw damaged('a place lies outside of its message')
    throw thrown
  }
}

function joined(names: readonly string[], tables: readonly CellTable[]): CellTable {
  const [first, ...more] = tables
  if (first && more.length === 0) return first
  const columns = [...(first?.columns.keys() ?? [])].map(
    (name) => [name, tables.flatMap((table) => table.columns.get(name)!)] as const,
  )
  return { rowCount: tables.reduce((sum, { rowCount }) => sum + rowCount, 0), names, columns: new Map(columns) }
}

/** A record batch, whose values are made when they are asked for. */
export interface ArrowBatch {
  readonly rowCount: number
  readonly names: readonly string[]
  /** Of the columns that are wanted. */
  readonly columns: ReadonlyMap<string, (row: number) => Cell>
}

/** The rows [from, to) of a batch. */
export function cellsOf({ names, columns }: ArrowBatch, from: number, to: number): CellTable {
  const cells = Array.from(columns, ([name, cell]): [string, Cell[]] => [
    name,
    Array.from({ length: to - from }, (_, i) => cell(from + i)),
  ])
  return { rowCount: to - from, names, columns: new Map(cells) }
}

/** Takes messages in their order. */
export interface TableReader {
  /** A record batch with the columns named in `wanted`; undefined for other messages. */
  take(message: ArrowMessage): ArrowBatch | undefined
  /** Of all columns. */
  names(): readonly string[]
}

/**  REQUEST_INVALID, REQUEST_TOO_LARGE */
export function createTableReader(wanted: ReadonlySet<string>, bounds: TableBounds): TableReader {
  const dictionaries = new Map<bigint, ArrowArray>()
  let fields: readonly ArrowField[] | undefined
  let rowCount = 0
  const fieldsNow = (): readonly ArrowField[] => {
    if (fields) return fields
    throw damaged('it does not begin with a schema')
  }
  return {
    names: () => fieldsNow().map(({ name }) => name),
    take(message) {
      if (message.header === HEADERS.schema) {
        fields ??= readSchema(message.content, bounds.columns)
        return undefined
      }
      if (message.header === HEADERS.dictionary) {
        readDictionary(message, fieldsNow(), dictionaries)
        return undefined
      }
      if (message.header !== HEADERS.rows) throw damaged('a message of an unknown kind')
      rowCount += message.content.size(0)
      if (rowCount > bounds.rows)
        throw new FivefoldError('REQUEST_TOO_LARGE', `more than ${bounds.rows} rows in a request`)
      return readRows(message, fieldsNow(), dictionaries, wanted)
    },
  }
}

function readDictionary(
  { content, body }: ArrowMessage,
  fields: readonly ArrowField[],
  dictionaries: Map<bigint, ArrowArray>,
): void {
  const id = content.int64(0)
  const batch = content.table(1)
  const field = fields.find(({ dictionary }) => dictionary?.id === id)
  if (!field || !batch) throw damaged('a dictionary that no column has')
  // Where many small additions were taken one after another, reading them could last as long as all their pairs.
  if (content.uint8(2) !== 0)
    throw new FivefoldError('REQUEST_INVALID', 'additions to a dictionary are not read here', {
      remedy: 'Send each dictionary whole, as Arrow writes them by default.',
    })
  dictionaries.set(id, remembered(readArrays(batch, body).next(field.type)))
}

/** An entry is made when the first row asks for it. */
function remembered({ length, cell }: ArrowArray): ArrowArray {
  const known = new Map<number, Cell>()
  return {
    length,
    cell: (at) => {
      const found = known.get(at)
      if (found !== undefined) return found
      const made = cell(at)
      known.set(at, made)
      return made
    },
  }
}

function readRows(
  { content, body }: ArrowMessage,
  fields: readonly ArrowField[],
  dictionaries: ReadonlyMap<bigint, ArrowArray>,
  wanted: ReadonlySet<string>,
): ArrowBatch {
  const rowCount = content.size(0)
  const arrays = readArrays(content, body)
  const columns = new Map<string, (row: number) => Cell>()
  for (const { name, type, dictionary } of fields) {
    const array = arrays.next(dictionary?.index ?? type)
    if (array.length !== rowCount) throw damaged('columns differ in length')
    if (!wanted.has(name)) continue
    columns.set(name, dictionary ? entryAt(array, dictionaries.get(dictionary.id)) : array.cell)
  }
  return { rowCount, names: fields.map(({ name }) => name), columns }
}

function entryAt(places: ArrowArray, entries: ArrowArray | undefined): (row: number) => Cell {
  return (row) => {
    const place = places.cell(row)
    if (place === null) return null
    if (typeof place === 'number' && entries && place >= 0 && place < entries.length) return entries.cell(place)
    throw damaged('a place outside of its dictionary')
  }
}
