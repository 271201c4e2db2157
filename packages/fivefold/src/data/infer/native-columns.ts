import type { DuckSession, Failure } from '../duck/session.ts'
import { quoteName } from '../duck/sql.ts'
import { EXACT_INTEGER_LIMIT, finiteSql, type RawColumn, type Reading } from './reading.ts'

const SMALL_INTEGERS = new Set(['TINYINT', 'SMALLINT', 'INTEGER', 'UTINYINT', 'USMALLINT', 'UINTEGER'])
const LARGE_INTEGERS = new Set(['BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT'])

export function isTextType(nativeType: string): boolean {
  return nativeType === 'VARCHAR' || nativeType.startsWith('ENUM')
}

/** How a column that is typed already (Parquet, JSON, SQL) is kept. */
export async function readNativeColumn(
  session: DuckSession,
  relation: string,
  column: RawColumn,
  failure: Failure,
): Promise<Reading> {
  const { nativeType } = column
  const value = quoteName(column.name)
  const stored = (storage: Reading['storage'], sql: string): Reading => ({
    storage,
    sql,
    detail: `stored as ${nativeType}`,
  })
  if (SMALL_INTEGERS.has(nativeType)) return stored('BIGINT', `CAST(${value} AS BIGINT)`)
  if (LARGE_INTEGERS.has(nativeType)) return readLargeInteger(session, relation, column, failure)
  if (/^(FLOAT|DOUBLE|DECIMAL|REAL)/.test(nativeType)) return stored('DOUBLE', finiteSql(`CAST(${value} AS DOUBLE)`))
  if (nativeType === 'BOOLEAN') return stored('BOOLEAN', value)
  if (nativeType === 'TIMESTAMP WITH TIME ZONE') return stored('TIMESTAMP', finiteSql(`(${value} AT TIME ZONE 'UTC')`))
  if (/^(DATE|TIMESTAMP)/.test(nativeType)) return stored('TIMESTAMP', finiteSql(`CAST(${value} AS TIMESTAMP)`))
  return stored('VARCHAR', `nullif(CAST(${value} AS VARCHAR), '')`)
}

async function readLargeInteger(
  session: DuckSession,
  relation: string,
  column: RawColumn,
  failure: Failure,
): Promise<Reading> {
  const value = quoteName(column.name)
  const sql = `SELECT max(abs(CAST(${value} AS DOUBLE))) AS largest FROM ${relation}`
  const largest = Number((await session.rows(sql, failure))[0]?.largest ?? 0)
  if (largest > EXACT_INTEGER_LIMIT)
    return {
      storage: 'VARCHAR',
      sql: `CAST(${value} AS VARCHAR)`,
      detail: 'its integers go beyond 2^53 and are kept as text',
    }
  return { storage: 'BIGINT', sql: `CAST(${value} AS BIGINT)`, detail: `stored as ${column.nativeType}` }
}
