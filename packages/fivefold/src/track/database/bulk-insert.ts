import { CompiledQuery } from 'kysely'
import type { Writer } from './tables.ts'

export type ColumnType = 'text' | 'integer' | 'bigint' | 'double precision'

type Value = string | number | null

/** Where many rows go at once. Every text is a constant of the code. */
export interface BulkInsert {
  readonly table: string
  /** In the order of the values of a row. */
  readonly columns: Readonly<Record<string, ColumnType>>
  /** What follows `on conflict`. */
  readonly conflict: string
  /** Columns that come back; none where it is left out. */
  readonly returning?: string
}

export type Row = readonly Value[]

/**
 * Inserts with statements whose text does not depend on the rows (but for their number), so that it is put together and
 * prepared once: a query builder costs more than the insert itself.
 */
export type InsertRows = <R>(writer: Writer, target: BulkInsert, rows: readonly Row[]) => Promise<R[]>

/** Rows of one statement. A longer one is bound no faster; few lengths, so that all of them stay prepared. */
const CHUNKS = [50, 10, 1]

export const insertAsValues: InsertRows = async <R>(writer: Writer, target: BulkInsert, rows: readonly Row[]) => {
  const returned: R[] = []
  let from = 0
  for (const size of CHUNKS)
    for (; rows.length - from >= size; from += size) {
      const text = valuesText(target, size)
      const answer = await writer.executeQuery<R>(CompiledQuery.raw(text, rows.slice(from, from + size).flat()))
      if (target.returning !== undefined) returned.push(...answer.rows)
    }
  return returned
}

function valuesText(target: BulkInsert, count: number): string {
  const row = `(${Object.keys(target.columns).fill('?').join(', ')})`
  return insertText(target, `values ${Array(count).fill(row).join(', ')}`)
}

/** One array a column: one statement, however many rows. */
export const insertAsArrays: InsertRows = async <R>(writer: Writer, target: BulkInsert, rows: readonly Row[]) => {
  if (rows.length === 0) return []
  const types = Object.values(target.columns)
  const arrays = types.map((type, column) => toArray(type, rows, column))
  const source = types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')
  const answer = await writer.executeQuery<R>(
    CompiledQuery.raw(insertText(target, `select * from unnest(${source})`), arrays),
  )
  return answer.rows
}

/** Numbers as the text of an array, which the driver would put together with quotes and escapes for each. */
function toArray(type: ColumnType, rows: readonly Row[], column: number): unknown {
  const values = rows.map((row) => row[column]!)
  return type === 'text' ? values : `{${values.map((value) => value ?? 'null').join(',')}}`
}

const insertText = ({ table, columns, conflict, returning }: BulkInsert, rows: string): string =>
  `insert into ${table} (${Object.keys(columns).join(', ')}) ${rows} on conflict ${conflict}${
    returning === undefined ? '' : ` returning ${returning}`
  }`
