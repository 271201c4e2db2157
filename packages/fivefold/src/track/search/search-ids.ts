import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { compileFilter } from './compile-filter.ts'
import type { FieldResolver } from './fields.ts'
import { compileOrderBy } from './order-by.ts'
import { type Page, pageOffset, type SearchQuery, toPage } from './page.ts'
import { parseFilter } from './parse-filter.ts'

export interface Searched {
  /** Constants of the code. */
  readonly table: string
  /** Columns that name a row. */
  readonly id: readonly string[]
  readonly resolve: FieldResolver
  /** Conditions beside the filter. */
  readonly conditions: readonly RawBuilder<SqlBool>[]
  /** What decides between rows that `orderBy` leaves equal. */
  readonly ties: (keys: ReadonlySet<string>) => readonly RawBuilder<unknown>[]
}

/** The ids of a page of rows that match, in order. Throws OPTION_INVALID. */
export async function searchIds<T>(
  database: Database,
  { table, id, resolve, conditions, ties }: Searched,
  query: SearchQuery & { readonly limit: number },
): Promise<Page<T>> {
  const filter = parseFilter(query.filter)
  const { joins, terms, keys } = compileOrderBy(query.orderBy ?? [], resolve)
  const all = filter ? [...conditions, compileFilter(filter, resolve, database.dialect)] : conditions
  const where = all.length > 0 ? sql`where ${sql.join(all, sql` and `)}` : sql``
  const offset = pageOffset(query.pageToken)
  const columns = id.map((column) => sql.ref(`${table}.${column}`))
  const { rows } = await sql<T>`select ${sql.join(columns)} from ${sql.table(table)} ${sql.join(joins, sql` `)} ${where}
    order by ${sql.join([...terms, ...ties(keys)])} limit ${query.limit + 1} offset ${offset}`.execute(database.read)
  return toPage(rows, offset, query.limit)
}
