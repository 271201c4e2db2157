import { FivefoldError } from '../../../core/index.ts'
import type { ServedColumn } from '../model/table-face.ts'
import type { RequestRow } from './request-rows.ts'

/** A value of a file as rows hold it; dates as Date. */
export type Cell = string | number | bigint | boolean | Date | null

/** How much of a file is read. */
export interface TableBounds {
  readonly rows: number
  readonly columns: number
}

/** Columns of a file, with the values of those that the model takes. */
export interface CellTable {
  readonly rowCount: number
  /** All of them, in their order. */
  readonly names: readonly string[]
  readonly columns: ReadonlyMap<string, readonly Cell[]>
}

/** Names of the columns whose values a model reads. */
export const namesOf = (columns: readonly ServedColumn[]): ReadonlySet<string> =>
  new Set(columns.map(({ name }) => name))

/**
 * The rows of a file, to be held against the model like any others. Columns that the model does not take stand in the first row
 * alone, so that they are told of once.
 *
 * @param mostCharacters of all texts together: a file may name a long text once, and mean it in every row
 * @throws REQUEST_TOO_LARGE
 */
export function rowsOfCells(table: CellTable, columns: readonly ServedColumn[], mostCharacters: number): RequestRow[] {
  // Without a prototype a column named __proto__ is a column.
  const rows = Array.from({ length: table.rowCount }, (): Record<string, unknown> => Object.create(null))
  const [first] = rows
  let characters = 0
  for (const name of table.names) {
    const cells = table.columns.get(name)
    const isText = columns.find((column) => column.name === name)?.tensor === 'string'
    if (!cells && first) first[name] = null
    cells?.forEach((cell, row) => {
      const value = isText && cell instanceof Date ? cell.toISOString() : cell
      if (typeof value === 'string') characters += value.length
      if (characters > mostCharacters)
        throw new FivefoldError('REQUEST_TOO_LARGE', `texts of more than ${mostCharacters} characters in all`)
      rows[row]![name] = value
    })
  }
  return rows
}
