import { type RawBuilder, type SqlBool, sql } from 'kysely'
import { type InsertRows, insertAsArrays, insertAsValues } from './bulk-insert.ts'

/** Where SQLite and PostgreSQL say the same thing differently. */
export interface Dialect {
  readonly name: 'sqlite' | 'postgres'
  /** Whether a column has one of the values; one parameter, however many they are. */
  among(column: RawBuilder<unknown>, values: readonly string[]): RawBuilder<SqlBool>
  /** One JSON text of the columns `key` and `value` of a query; null where it has no rows. */
  jsonObject(rows: RawBuilder<unknown>, values?: 'plain' | 'json'): RawBuilder<string | null>
  /** The columns step, timestamp_ms and value as a JSON array; the value as a text that reads back to the same number. */
  readonly pointJson: RawBuilder<unknown>
  /** Compares texts with the wildcards % and _; without an escape character. */
  like(column: RawBuilder<unknown>, pattern: string, ignoreCase: boolean): RawBuilder<SqlBool>
  /** Whether a text that an index lists by value is one of these. */
  isOneOf(column: RawBuilder<unknown>, values: readonly string[]): RawBuilder<SqlBool>
  /** What to sort by for the order of the bytes of a text that an index lists by value. */
  inTextOrder(column: RawBuilder<unknown>): readonly RawBuilder<unknown>[]
  readonly insertRows: InsertRows
}

export const SQLITE: Dialect = {
  name: 'sqlite',
  among: (column, values) =>
    values.length === 1
      ? sql`${column} = ${values[0]}`
      : sql`${column} in (select value from json_each(${JSON.stringify(values)}))`,
  jsonObject: (rows, values = 'plain') =>
    sql`(select json_group_object(key, ${values === 'json' ? sql`json(value)` : sql`value`}) from (${rows}))`,
  pointJson: sql`json_array(step, timestamp_ms, case when value is null then null else printf('%!.17g', value) end)`,
  like: (column, pattern, ignoreCase) =>
    ignoreCase ? sql`lower(${column}) like lower(${pattern})` : sql`${column} like ${pattern}`,
  isOneOf: (column, values) => sql`${column} in (${sql.join(values)})`,
  inTextOrder: (column) => [column],
  insertRows: insertAsValues,
}

/** An entry of an index has to fit a third of a page, so indexes hold the beginnings of texts. */
export const indexedText = (column: string): string => `(left(${column}, 200)) collate "C"`

const beginning = (text: RawBuilder<unknown>): RawBuilder<unknown> => sql`left(${text}, 200) collate "C"`

export const POSTGRES: Dialect = {
  name: 'postgres',
  // A plan for one value may follow an index in its order.
  among: (column, values) =>
    values.length === 1 ? sql`${column} = ${values[0]}` : sql`${column} = any(${values}::text[])`,
  jsonObject: (rows) => sql`(select json_object_agg(key, value)::text from (${rows}) as listed)`,
  pointJson: sql`json_build_array(step, timestamp_ms, value::text)`,
  like: (column, pattern, ignoreCase) =>
    ignoreCase ? sql`${column} ilike ${pattern} escape ''` : sql`${column} like ${pattern} escape ''`,
  isOneOf: (column, values) =>
    sql`${beginning(column)} in (${sql.join(values.map((value) => beginning(sql`${value}::text`)))})
      and ${column} in (${sql.join(values)})`,
  inTextOrder: (column) => [beginning(column), sql`${column} collate "C"`],
  insertRows: insertAsArrays,
}

/** The number of a text that `pointJson` wrote. */
export function parseValue(text: string | null): number {
  if (text === null) return Number.NaN
  if (text === 'Inf') return Number.POSITIVE_INFINITY
  if (text === '-Inf') return Number.NEGATIVE_INFINITY
  return Number(text)
}
