import { didYouMean, FivefoldError } from '../../../../core/index.ts'
import type { TableFace, Tensors } from '../../model/servable.ts'
import type { RequestRow } from '../../tables/request-rows.ts'
import { feedsOfRows } from '../../tables/row-feeds.ts'

/**
 * The tensors of rows of raw columns; a column that a row lacks is missing there. A column that the model does not take is
 * refused, since these protocols have no place for warnings.
 *
 * @throws MODEL_INPUT with an issue for each cell that does not fit
 */
export function tableFeeds(rows: readonly RequestRow[], { columns }: TableFace): Tensors {
  refuseFurther(
    rows,
    columns.map(({ name }) => name),
  )
  return feedsOfRows(rows, columns).feeds
}

function refuseFurther(rows: readonly RequestRow[], names: readonly string[]): void {
  const known = new Set(names)
  rows.forEach((row, i) => {
    for (const name in row) if (!known.has(name)) throw unknownColumn(name, i, names)
  })
}

function unknownColumn(name: string, row: number, names: readonly string[]): FivefoldError {
  const message = `the model takes no column '${name.slice(0, 100)}'${didYouMean(name, names)}`
  return new FivefoldError('MODEL_INPUT', `row ${row}: ${message}`, {
    issues: [{ path: ['rows', row, name], message }],
  })
}
