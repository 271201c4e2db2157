import type { Table } from '../data/index.ts'

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** How the values of a column are held in SQL. */
export type SqlKind = 'number' | 'integer' | 'boolean' | 'time' | 'text'

const KINDS: readonly [RegExp, SqlKind][] = [
  [/^(TIMESTAMP|DATE)/, 'time'],
  [/^BOOLEAN/, 'boolean'],
  [/^U?(BIG|SMALL|TINY|HUGE)?INT/, 'integer'],
  [/^(DOUBLE|FLOAT|DECIMAL|REAL)/, 'number'],
]

export interface SqlColumn {
  readonly name: string
  readonly kind: SqlKind
  /** The value as it is. */
  readonly value: string
  /** The value as DOUBLE; NULL where it is not finite. Times in epoch milliseconds. */
  readonly number: string
}

/** The columns of the table with the SQL that reads them. */
export async function sqlColumns(table: Table): Promise<SqlColumn[]> {
  const described = await table.query('SELECT column_name, column_type FROM (DESCRIBE data)')
  const types = new Map(described.map((row) => [String(row.column_name), String(row.column_type)]))
  return table.schema.columns.map(({ name }) => sqlColumn(name, types.get(name) ?? 'VARCHAR'))
}

function sqlColumn(name: string, type: string): SqlColumn {
  const kind = KINDS.find(([pattern]) => pattern.test(type))?.[1] ?? 'text'
  const value = quoteName(name)
  const number = kind === 'time' ? `CAST(epoch_ms(CAST(${value} AS TIMESTAMP)) AS DOUBLE)` : `CAST(${value} AS DOUBLE)`
  return { name, kind, value, number }
}

/** Statements over thousands of columns are cut into groups: planning one grows faster than its width. */
export function inGroups<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = []
  for (let start = 0; start < items.length; start += size) groups.push(items.slice(start, start + size))
  return groups
}
