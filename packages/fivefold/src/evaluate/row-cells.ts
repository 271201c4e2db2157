import type { Cell, TableColumn } from '../report/index.ts'
import type { RowName } from './row-names.ts'

/** Heads of the columns that say which row is meant. */
export function rowColumns(idColumn: string | undefined): TableColumn[] {
  return [{ label: 'Row (from 0)', kind: 'number' }, ...(idColumn === undefined ? [] : [{ label: idColumn }])]
}

/** The row in the table that it came from, where that is known, and its id. */
export function rowCells(
  { row, tableRow, id }: RowName & { readonly row: number },
  idColumn: string | undefined,
): Cell[] {
  return [String(tableRow ?? row), ...(idColumn === undefined ? [] : [id ?? null])]
}
