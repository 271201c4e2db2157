import type { Column, Frame, Schema } from '../data/index.ts'

/** How a row can be found again in the data that it came from. */
export interface RowName {
  /** Row of the table, from 0. */
  readonly tableRow?: number
  /** Value of the identifier column. */
  readonly id?: string
}

export interface RowNames {
  /** The first column of the schema that names rows. */
  readonly idColumn?: string
  nameOf(row: number): RowName
}

/** @param tableRows for each row of the frame its number in the table that it was taken from */
export function rowNamesOf(frame: Frame, schema: Schema, tableRows?: ArrayLike<number>): RowNames {
  const idColumn = schema.columns.find(({ name, type }) => type === 'identifier' && frame.columns.has(name))?.name
  const ids = idColumn === undefined ? undefined : frame.columns.get(idColumn)
  return {
    ...(idColumn !== undefined && { idColumn }),
    nameOf: (row) => {
      const id = ids && textAt(ids, row)
      return { ...(tableRows && { tableRow: tableRows[row]! }), ...(id !== undefined && { id }) }
    },
  }
}

function textAt(column: Column, row: number): string | undefined {
  if (column.kind === 'string') return column.dictionary[column.codes[row]!]
  return Number.isNaN(column.values[row]) ? undefined : String(column.values[row])
}
