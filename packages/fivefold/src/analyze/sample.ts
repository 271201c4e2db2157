import type { Context } from '../core/index.ts'
import type { Frame, RowIndex, Table } from '../data/index.ts'

/** Enough that a correlation is known to within 0.01. */
const MOST_ROWS = 50_000
const MOST_CELLS = 12_000_000

export interface Sample {
  readonly frame: Frame
  /** Row numbers in the table, ascending. */
  readonly rows: RowIndex
  readonly isWhole: boolean
}

/** A seeded sample of rows, all columns, in table order; the whole table where it is small. */
export async function drawSample(table: Table, context: Context): Promise<Sample> {
  const size = Math.min(MOST_ROWS, Math.max(1000, Math.floor(MOST_CELLS / Math.max(1, table.schema.columns.length))))
  const rows = sampleRows(table.rowCount, size, context)
  const isWhole = rows.length === table.rowCount
  return { frame: isWhole ? await table.read() : await table.read(undefined, rows), rows, isWhole }
}

/** Selection sampling (Knuth, volume 2, algorithm S): every subset of the size is equally likely, and comes out in order. */
export function sampleRows(rowCount: number, size: number, context: Context): RowIndex {
  const wanted = Math.min(rowCount, size)
  const rows = new Uint32Array(wanted)
  const rng = context.rng.fork('sample')
  let taken = 0
  for (let row = 0; row < rowCount && taken < wanted; row++) {
    const needed = wanted === rowCount || (rowCount - row) * rng.next() < wanted - taken
    if (needed) rows[taken++] = row
  }
  return rows
}
