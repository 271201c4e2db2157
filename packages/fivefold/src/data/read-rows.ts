import type { DuckDBDataChunk } from '@duckdb/node-api'
import { type Context, FivefoldError } from '../core/index.ts'
import { type ColumnPlan, columnSql, createFrameFiller, type FrameFiller } from './column-reader.ts'
import type { DuckSession, Failure } from './duck/session.ts'
import type { Frame, RowIndex } from './frame.ts'
import { appendNumbers } from './frame-appender.ts'

/** The relation `stored` of a session. */
interface StoredRows {
  readonly session: DuckSession
  readonly rowCount: number
  readonly context: Context
}

/** The columns of all rows, or of those between the first and the last that are wanted. */
export function selectSql(plans: readonly ColumnPlan[], rows: RowIndex | undefined): string {
  const range = rows?.length ? ` WHERE rowid BETWEEN ${rows[0]} AND ${rows[rows.length - 1]}` : ''
  // A selection of no columns still counts rows.
  return `SELECT ${plans.map(columnSql).join(', ') || '1'} FROM stored${range}`
}

/** Columns in memory, of all rows or of some. */
export async function readRows(
  stored: StoredRows,
  plans: readonly ColumnPlan[],
  rows: RowIndex | undefined,
  failure: Failure,
): Promise<Frame> {
  if (rows) requireAscending(rows, stored.rowCount)
  const filler = createFrameFiller(plans, rows?.length ?? stored.rowCount)
  if (rows?.length === 0 || plans.length === 0) return filler.finish()
  const progress = readProgress(stored.context, rows?.length ?? stored.rowCount)
  const chunks = rows && isSparse(rows) ? sparseChunks(stored, plans, rows, failure) : undefined
  if (rows && !chunks) await pickRows(stored, plans, rows, filler, progress, failure)
  else
    for await (const chunk of chunks ?? stored.session.chunks(selectSql(plans, rows), failure)) {
      filler.append(chunk, 0, chunk.rowCount)
      progress(filler.filled)
    }
  return filler.finish()
}

/** Reads everything between the first and the last row, and keeps those that are wanted. */
async function pickRows(
  { session }: StoredRows,
  plans: readonly ColumnPlan[],
  rows: RowIndex,
  filler: FrameFiller,
  progress: (done: number) => void,
  failure: Failure,
): Promise<void> {
  let start = rows[0]!
  let next = 0
  const picked = new Uint32Array(CHUNK_ROWS)
  for await (const chunk of session.chunks(selectSql(plans, rows), failure)) {
    const end = start + chunk.rowCount
    let count = 0
    for (; next < rows.length && rows[next]! < end; next++) picked[count++] = rows[next]! - start
    if (count > 0) filler.pick(chunk, picked.subarray(0, count))
    start = end
    progress(filler.filled)
  }
}

/** Few rows of many are found by the database: handing all over takes longer than sorting the few again. */
const SPARSE_SPAN = 200_000
const SPARSE_SHARE = 1 / 12

function isSparse(rows: RowIndex): boolean {
  const span = rows[rows.length - 1]! - rows[0]! + 1
  return span > SPARSE_SPAN && rows.length < span * SPARSE_SHARE
}

function sparseChunks(
  { session }: StoredRows,
  plans: readonly ColumnPlan[],
  rows: RowIndex,
  failure: Failure,
): AsyncIterable<DuckDBDataChunk> {
  const sql = `SELECT ${plans.map(columnSql).join(', ')} FROM stored JOIN wanted_rows ON stored.rowid = wanted_rows.__row
    ORDER BY stored.rowid`
  return session.chunks(sql, failure, (connection) => appendNumbers(connection, 'wanted_rows', '__row', rows))
}

/** Most rows of a chunk of DuckDB. */
const CHUNK_ROWS = 2048
const PROGRESS_ROWS = 1 << 20

/** Says how far a long read has come. */
function readProgress(context: Context, total: number): (done: number) => void {
  let reported = 0
  return (done) => {
    if (total < PROGRESS_ROWS || done - reported < PROGRESS_ROWS) return
    reported = done
    context.progress({ stage: 'read', done, total, note: 'rows' })
  }
}

function requireAscending(rows: RowIndex, rowCount: number): void {
  for (let at = 0; at < rows.length; at++) {
    if (rows[at]! >= rowCount)
      throw new FivefoldError('OPTION_INVALID', `row ${rows[at]} is beyond the table's ${rowCount} rows`)
    if (at > 0 && rows[at]! <= rows[at - 1]!)
      throw new FivefoldError('OPTION_INVALID', 'row numbers must be ascending and distinct')
  }
}
