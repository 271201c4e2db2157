import { type Context, FivefoldError, throwIfCancelled } from '../../core/index.ts'
import { type Column, columnOf, type NumberColumn, type RowIndex, type Table, type Target } from '../../data/index.ts'
import { splitByGroup } from './group-split.ts'
import type { SplitProtocol } from './protocol.ts'
import { splitRandomly } from './random-split.ts'
import { impossible, requireFraction, rowsWithTargetOf } from './sides.ts'
import { splitAtCut, splitLatest } from './time-split.ts'

/** Share of the rows kept for the test unless said otherwise. */
export const DEFAULT_TEST_FRACTION = 0.2

export type SplitOptions =
  /** Stratified by class for classification. */
  | { readonly kind: 'random'; readonly testFraction?: number }
  /** The latest rows are the test: a share of them, or those from `cut` on (a number, or ISO 8601 for a datetime). */
  | { readonly kind: 'time'; readonly column: string; readonly testFraction?: number; readonly cut?: string | number }
  /** All rows of one value of the column are on one side. */
  | { readonly kind: 'group'; readonly column: string; readonly testFraction?: number }
  /** The test rows are another table, opened with the schema of this one; `testTarget` leaves out those without target. */
  | { readonly kind: 'file'; readonly test: Table; readonly testTarget?: Target }

export interface Split {
  readonly train: RowIndex
  /** Rows of the same table, or of the test table for kind 'file'. */
  readonly test: RowIndex
  readonly protocol: SplitProtocol
}

/**
 * Divides the rows that have a target into training and test rows. The same table, options and seed give the same rows.
 *
 * @param target over all rows of the table, -1 or NaN where missing
 * @throws SPLIT_IMPOSSIBLE, OPTION_INVALID for a share outside (0, 1), DATA_COLUMN_UNKNOWN
 */
export async function planSplit(table: Table, options: SplitOptions, target: Target, context: Context): Promise<Split> {
  throwIfCancelled(context.signal)
  const rows = rowsWithTargetOf(target)
  const excludedRows = table.rowCount - rows.length
  const split = await divide(table, rows, options, target, context)
  const { train, test } = split
  if (train.length === 0 || test.length === 0)
    throw impossible(`${train.length} training rows and ${test.length} test rows`)
  const common = { seed: context.seed, trainRows: train.length, testRows: test.length, excludedRows }
  return { train, test, protocol: { kind: options.kind, ...common, ...split.facts } }
}

interface Divided {
  readonly train: RowIndex
  readonly test: RowIndex
  readonly facts: Partial<SplitProtocol>
}

function divide(
  table: Table,
  rows: RowIndex,
  options: SplitOptions,
  target: Target,
  context: Context,
): Promise<Divided> {
  const rng = context.rng.fork('split')
  switch (options.kind) {
    case 'random': {
      const testFraction = requireFraction(options.testFraction ?? DEFAULT_TEST_FRACTION)
      const [train, test] = splitRandomly(rows, testFraction, target, rng)
      return Promise.resolve({ train, test, facts: { testFraction, stratified: target.kind === 'classes' } })
    }
    case 'time':
      return divideByTime(table, rows, options)
    case 'group':
      return divideByGroup(table, rows, options, rng)
    case 'file':
      return Promise.resolve({
        train: rows,
        test: options.testTarget ? rowsWithTargetOf(options.testTarget) : allRows(options.test),
        facts: { testLocation: options.test.location },
      })
  }
}

function allRows(table: Table): RowIndex {
  return Uint32Array.from({ length: table.rowCount }, (_, row) => row)
}

async function divideByTime(
  table: Table,
  rows: RowIndex,
  options: Extract<SplitOptions, { kind: 'time' }>,
): Promise<Divided> {
  const times = await timeColumn(table, options.column)
  const isDatetime = table.schema.columns.some(({ name, type }) => name === options.column && type === 'datetime')
  const testFraction = requireFraction(options.testFraction ?? DEFAULT_TEST_FRACTION)
  const { train, test, cut } =
    options.cut === undefined
      ? splitLatest(rows, times, testFraction)
      : splitAtCut(rows, times, cutValue(options.cut, isDatetime))
  const shownCut = isDatetime ? new Date(cut).toISOString() : cut
  const facts = { timeColumn: options.column, cut: shownCut, ...(options.cut === undefined ? { testFraction } : {}) }
  return { train, test, facts }
}

function cutValue(cut: string | number, isDatetime: boolean): number {
  // A datetime without an offset means UTC, as it does in tables.
  const value =
    typeof cut === 'number'
      ? cut
      : isDatetime
        ? Date.parse(/T.*(Z|[+-]\d\d:?\d\d)$|^\S{10}$/.test(cut) ? cut : `${cut}Z`)
        : Number(cut)
  if (Number.isNaN(value)) throw new FivefoldError('OPTION_INVALID', `the cut '${cut}' is not a point in time`)
  return value
}

async function timeColumn(table: Table, name: string): Promise<NumberColumn> {
  const column = await readColumn(table, name)
  if (column.kind === 'number') return column
  throw impossible(`column '${name}' holds text, so its rows have no order in time; declare it as datetime`)
}

async function divideByGroup(
  table: Table,
  rows: RowIndex,
  options: Extract<SplitOptions, { kind: 'group' }>,
  rng: Context['rng'],
): Promise<Divided> {
  const testFraction = requireFraction(options.testFraction ?? DEFAULT_TEST_FRACTION)
  const column = await readColumn(table, options.column)
  const { train, test, trainGroups, testGroups } = splitByGroup(rows, column, testFraction, rng)
  return { train, test, facts: { testFraction, groupColumn: options.column, trainGroups, testGroups } }
}

async function readColumn(table: Table, name: string): Promise<Column> {
  return columnOf(await table.read([name]), name)
}
