import { type RawBuilder, type SqlBool, sql } from 'kysely'

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
}

export const SQLITE: Dialect = {
  name: 'sqlite',
  among: (column, values) => sql`${column} in (select value from json_each(${JSON.stringify(values)}))`,
  jsonObject: (rows, values = 'plain') =>
    sql`(select json_group_object(key, ${values === 'json' ? sql`json(value)` : sql`value`}) from (${rows}))`,
  pointJson: sql`json_array(step, timestamp_ms, case when value is null then null else printf('%!.17g', value) end)`,
  like: (column, pattern, ignoreCase) =>
    ignoreCase ? sql`lower(${column}) like lower(${pattern})` : sql`${column} like ${pattern}`,
}

export const POSTGRES: Dialect = {
  name: 'postgres',
  among: (column, values) => sql`${column} = any(${values}::text[])`,
  jsonObject: (rows) => sql`(select json_object_agg(key, value)::text from (${rows}) as listed)`,
  pointJson: sql`json_build_array(step, timestamp_ms, value::text)`,
  like: (column, pattern, ignoreCase) =>
    ignoreCase ? sql`${column} ilike ${pattern} escape ''` : sql`${column} like ${pattern} escape ''`,
}

/** The number of a text that `pointJson` wrote. */
export function parseValue(text: string | null): number {
  if (text === null) return Number.NaN
  if (text === 'Inf') return Number.POSITIVE_INFINITY
  if (text === '-Inf') return Number.NEGATIVE_INFINITY
  return Number(text)
}
