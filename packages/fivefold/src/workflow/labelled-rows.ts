import type { Rng } from '../core/index.ts'
import { type Frame, type RowIndex, type Table, type Target, takeTargetRows } from '../data/index.ts'
import { samplePositions } from './row-sample.ts'

/** Rows with their answers, in memory. */
export interface LabelledRows {
  readonly frame: Frame
  readonly target: Target
  /** Row numbers in the table that the rows came from. */
  readonly rows: RowIndex
}

/** Rows that stay in their table until some are asked for; only their answers are in memory. */
export interface RowPool {
  readonly rows: RowIndex
  readonly target: Target
  /** All rows, or a seeded sample of `size` of them that keeps the shares of the classes. Without `columns` all columns. */
  sample(size: number, rng: Rng, columns?: readonly string[]): Promise<LabelledRows>
}

/** @param target of all rows of the table */
export function createRowPool(table: Table, rows: RowIndex, target: Target): RowPool {
  const own = takeTargetRows(target, rows)
  const read = (columns: readonly string[] | undefined, wanted: RowIndex): Promise<Frame> =>
    table.read(columns, wanted.length === table.rowCount ? undefined : wanted)
  return {
    rows,
    target: own,
    async sample(size, rng, columns) {
      if (rows.length <= size) return { frame: await read(columns, rows), target: own, rows }
      const positions = samplePositions(own, size, rng)
      const picked = positions.map((at) => rows[at]!)
      return { frame: await read(columns, picked), target: takeTargetRows(own, positions), rows: picked }
    },
  }
}
