import type { SemanticType } from '../schema.ts'

/** How values are kept in the table behind `data`. */
export type Storage = 'DOUBLE' | 'BIGINT' | 'BOOLEAN' | 'TIMESTAMP' | 'VARCHAR'

/** One way to read a column: SQL over the raw column, and what is to be said about it. */
export interface Reading {
  readonly storage: Storage
  readonly sql: string
  /** Part of the evidence: 'all 20640 values parse as numbers'. Empty where nothing needs saying. */
  readonly detail: string
  /** What even the evidence of a declared type must say. */
  readonly caution?: string
  readonly datetimeFormat?: string
}

/** What is demanded of a column, instead of a guess. */
export interface Demand {
  readonly storage: Storage
  readonly type: SemanticType
  readonly datetimeFormat?: string
  /** The demand is a schema's and not a user's for this very data. */
  readonly fromSchema?: boolean
  /** Values that do not parse become missing instead of an error. */
  readonly lenient?: boolean
}

export interface RawColumn {
  readonly name: string
  /** DuckDB's name of the type. */
  readonly nativeType: string
}

/** Integers beyond this are not exact as doubles, in which every column is held. */
export const EXACT_INTEGER_LIMIT = 2 ** 53

export function finiteSql(value: string): string {
  return `(CASE WHEN isfinite(${value}) THEN ${value} END)`
}
