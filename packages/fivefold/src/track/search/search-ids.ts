import { type RawBuilder, type SqlBool, sql } from 'kysely'
import type { Database } from '../database/database.ts'
import { compileFilter } from './compile-filter.ts'
import type { FieldResolver } from './fields.ts'
import { compileOrderBy, type Ordering } from './order-by.ts'
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
  searched: Searched,
  query: SearchQuery & { readonly limit: number },
): Promise<Page<T>> {
  const { resolve, conditions, ties } = searched
  const filter = parseFilter(query.filter)
  const ordering = compileOrderBy(query.orderBy ?? [], resolve, database.dialect)
  const all = filter ? [...conditions, compileFilter(filter, resolve, database.dialect)] : conditions
  const offset = pageOffset(query.pageToken)
  const search: Search = { searched, ordering, conditions: all, ties: ties(ordering.keys) }
  const range = { offset, limit: query.limit + 1 }
  const rows = ordering.lead
    ? await selectByLead<T>(database, search, ordering.lead, range)
    : await select<T>(database, search, range)
  return toPage(rows, offset, query.limit)
}

interface Search {
  readonly searched: Searched
  readonly ordering: Ordering
  readonly conditions: readonly RawBuilder<unknown>[]
  readonly ties: readonly RawBuilder<unknown>[]
}

interface Range {
  readonly offset: number
  readonly limit: number
}

async function select<T>({ read }: Database, search: Search, { offset, limit }: Range): Promise<T[]> {
  const { searched, ordering, conditions, ties } = search
  const { rows } = await sql<T>`select ${columnsOf(searched)} from ${sql.table(searched.table)}
    ${sql.join(ordering.joins, sql` `)} ${whereAll(conditions)}
    order by ${sql.join([...ordering.terms, ...ties])} limit ${limit} offset ${offset}`.execute(read)
  return rows
}

/**
 * Rows that have a value to sort by come first, so they are read along the index of values, no more than the page needs.
 * Those without a value follow where the page goes beyond.
 */
async function selectByLead<T>(database: Database, search: Search, lead: Lead, range: Range): Promise<T[]> {
  const rows = await selectAlongIndex<T>(database, search, lead, range)
  if (rows.length === range.limit) return rows
  const valued =
    rows.length > 0 || range.offset === 0 ? range.offset + rows.length : await countAlongIndex(database, search, lead)
  const isMissing = sql`${sql.ref(`${lead.alias}.value`)} is null`
  const rest = { ...search, conditions: [...search.conditions, isMissing] }
  const beyond = { offset: Math.max(0, range.offset - valued), limit: range.limit - rows.length }
  return [...rows, ...(await select<T>(database, rest, beyond))]
}

type Lead = NonNullable<Ordering['lead']>

async function selectAlongIndex<T>(database: Database, search: Search, lead: Lead, range: Range): Promise<T[]> {
  const { searched, ordering, ties } = search
  // The first term tells values from missing ones.
  const terms = [...ordering.terms.slice(1), ...ties]
  const { rows } = await sql<T>`select ${columnsOf(searched)} ${alongIndex(search, lead)}
    order by ${sql.join(terms)} limit ${range.limit} offset ${range.offset}`.execute(database.read)
  return rows
}

async function countAlongIndex(database: Database, search: Search, lead: Lead): Promise<number> {
  const query = sql<{ count: number }>`select count(*) as count ${alongIndex(search, lead)}`
  return Number((await query.execute(database.read)).rows[0]!.count)
}

/** SQLite keeps the order of tables of a cross join: the index first. */
function alongIndex({ searched, ordering, conditions }: Search, { field, alias }: Lead): RawBuilder<unknown> {
  const own = [
    sql`${sql.ref(`${alias}.key`)} = ${field.key}`,
    sql`${sql.ref(`${alias}.value`)} is not null`,
    sql`${field.id} = ${sql.ref(`${alias}.${field.source.owner}`)}`,
  ]
  return sql`from ${sql.table(field.source.table)} as ${sql.id(alias)} cross join ${sql.table(searched.table)}
    ${sql.join(ordering.joins.slice(1), sql` `)} ${whereAll([...own, ...conditions])}`
}

const columnsOf = ({ table, id }: Searched): RawBuilder<unknown> =>
  sql.join(id.map((column) => sql.ref(`${table}.${column}`)))

const whereAll = (conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> =>
  conditions.length > 0 ? sql`where ${sql.join(conditions, sql` and `)}` : sql``
