import { feedsOf } from '../../../bundle/index.ts'
import { type Context, FivefoldError } from '../../../core/index.ts'
import { openTable } from '../../../data/index.ts'
import type { TableFace, Tensors } from '../model/servable.ts'
import { openArrowFile } from '../tables/arrow/arrow-file.ts'
import { cellsOf, withoutRangeErrors } from '../tables/arrow/read-arrow.ts'
import { namesOf, rowsOfCells } from '../tables/cell-table.ts'
import { feedsOfRows } from '../tables/row-feeds.ts'
import { mostColumns } from '../wire/json-bounds.ts'
import type { InputFormat } from './job-record.ts'

/** The rows of a file as a model takes them, a piece at a time. */
export interface FileRows extends AsyncDisposable {
  readonly rowCount: number
  pieces(): AsyncGenerator<Tensors>
}

/** Rows of a piece: some runs of the model. */
const PIECE_ROWS = 1024
/** Of the texts of a piece. */
const MOST_CHARACTERS = 64 << 20

/** @throws DATA_* where the file cannot be read as what it is, or lacks columns; REQUEST_INVALID for Arrow that is damaged */
export function openRows(path: string, format: InputFormat, table: TableFace, context: Context): Promise<FileRows> {
  return format === 'arrow' ? openArrowRows(path, table, context) : openTableRows(path, format, table, context)
}

async function openTableRows(
  path: string,
  format: Exclude<InputFormat, 'arrow'>,
  { columns }: TableFace,
  context: Context,
): Promise<FileRows> {
  const declared = columns.map(({ name, type, tensor, nullable }) => ({ name, type, tensor, nullable }))
  const schema = { columns: declared.map((column) => ({ ...column, evidence: 'declared by the model' })) }
  const rows = await openTable({ location: path, format, schema }, context)
  return {
    rowCount: rows.rowCount,
    async *pieces() {
      for await (const frame of rows.scan(undefined, PIECE_ROWS)) yield feedsOf(columns, frame, 0, frame.rowCount)
    },
    [Symbol.asyncDispose]: () => rows.close(),
  }
}

async function openArrowRows(path: string, { columns }: TableFace, context: Context): Promise<FileRows> {
  const file = await openArrowFile(path, namesOf(columns), { columns: mostColumns(columns.length) })
  if (file.rowCount === 0) {
    await file[Symbol.asyncDispose]()
    throw new FivefoldError('DATA_EMPTY', 'the file has no rows')
  }
  return {
    rowCount: file.rowCount,
    async *pieces() {
      let done = 0
      for await (const batch of file.batches())
        for (let from = 0; from < batch.rowCount; from += PIECE_ROWS) {
          const piece = withoutRangeErrors(() => cellsOf(batch, from, Math.min(from + PIECE_ROWS, batch.rowCount)))
          const { feeds, warnings } = atRow(done, () =>
            feedsOfRows(rowsOfCells(piece, columns, MOST_CHARACTERS), columns),
          )
          if (done === 0) for (const warning of warnings) context.log.warn(warning)
          done += piece.rowCount
          yield feeds
        }
    },
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  }
}

/** Rows count from the beginning of the file. */
function atRow<Result>(first: number, read: () => Result): Result {
  try {
    return read()
  } catch (thrown) {
    const error = FivefoldError.from(thrown)
    if (error.code !== 'MODEL_INPUT') throw error
    throw new FivefoldError(error.code, `among the rows from ${first} on: ${error.message}`, { cause: thrown })
  }
}
