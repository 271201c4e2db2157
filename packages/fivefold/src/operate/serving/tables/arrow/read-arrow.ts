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
  try {
    return readTable(bytes, wanted, bounds)
  } catch (thrown) {
    // Reading beyond the end of a message is a RangeError of whatever read it.
    if (thrown instanceof RangeError) throw damaged('a place lies outside of its message')
    throw thrown
  }
}

function readTable(bytes: Uint8Array, wanted: ReadonlySet<string>, bounds: TableBounds): CellTable {
  const messages = readMessages(bytes)
  const first = messages.next()
  if (first.done || first.value.header !== HEADERS.schema) throw damaged('it does not begin with a schema')
  const fields = readSchema(first.value.content, bounds.columns)
  const kept = fields.map(({ name }) => (wanted.has(name) ? ([] as Cell[]) : undefined))
  const dictionaries = new Map<bigint, ArrowArray>()
  let rowCount = 0
  for (const message of messages) {
    if (message.header === HEADERS.dictionary) readDictionary(message, fields, dictionaries)
    else if (message.header === HEADERS.rows) {
      const rows = message.content.size(0)
      rowCount += rows
      if (rowCount > bounds.rows)
        throw new FivefoldError('REQUEST_TOO_LARGE', `more than ${bounds.rows} rows in a request`)
      readRows(message, rows, fields, dictionaries, kept)
    } else throw damaged('a message of an unknown kind')
  }
  return {
    rowCount,
    names: fields.map(({ name }) => name),
    columns: new Map(fields.flatMap(({ name }, at) => (kept[at] ? [[name, kept[at]] as const] : []))),
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
  rows: number,
  fields: readonly ArrowField[],
  dictionaries: ReadonlyMap<bigint, ArrowArray>,
  kept: readonly (Cell[] | undefined)[],
): void {
  const arrays = readArrays(content, body)
  for (const [at, { type, dictionary }] of fields.entries()) {
    const array = arrays.next(dictionary?.index ?? type)
    if (array.length !== rows) throw damaged('columns differ in length')
    const cells = kept[at]
    if (!cells) continue
    const cellAt = dictionary ? entryAt(array, dictionaries.get(dictionary.id)) : array.cell
    for (let row = 0; row < rows; row++) cells.push(cellAt(row))
  }
}

function entryAt(places: ArrowArray, entries: ArrowArray | undefined): (row: number) => Cell {
  return (row) => {
    const place = places.cell(row)
    if (place === null) return null
    if (typeof place === 'number' && entries && place >= 0 && place < entries.length) return entries.cell(place)
    throw damaged('a place outside of its dictionary')
  }
}
