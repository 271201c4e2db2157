import type { Frame, RowIndex } from './frame.ts'
import type { Schema, SemanticType } from './schema.ts'

/** Where data comes from: files, a query, a database. */
export interface SourceOptions {
  /** Path, glob, `duckdb:file.db?table=t`, `postgres://...?table=t` (or `?query=select ...`). */
  readonly location: string
  readonly format?: 'csv' | 'parquet' | 'jsonl'
  /** Column names for a file without a header row. */
  readonly columns?: readonly string[]
  readonly delimiter?: string
  readonly encoding?: 'utf-8' | 'latin-1'
  /** Character of the decimal point in numbers; guessed where absent. */
  readonly decimal?: '.' | ','
  /** Texts that mean missing, besides the empty one. Default: ? NA N/A NaN null NULL. */
  readonly missing?: readonly string[]
  /** Semantic types that override the guess. */
  readonly types?: Readonly<Record<string, SemanticType>>
  /**
   * Schema of other data, say of the training table: columns are read as it says instead of guessed. Further columns
   * are left out, missing ones are DATA_COLUMN_UNKNOWN, values that do not parse DATA_TYPE_MISMATCH.
   */
  readonly schema?: Schema
  /** Columns are kept as the texts that they are, so that values of a wrong type can be shown; `where` sees them typed. */
  readonly asText?: boolean
  /** Derived columns, name -> SQL expression over the source's columns; may replace a column of the same name. */
  readonly derive?: Readonly<Record<string, string>>
  /** SQL condition; only rows for which it holds. */
  readonly where?: string
}

/**
 * Rows with a schema, read lazily through DuckDB. Row numbers are stable: 0-based, in source order.
 * A table may be larger than memory: only the columns and rows asked for are ever held.
 */
export interface Table extends AsyncDisposable {
  readonly location: string
  readonly schema: Schema
  readonly rowCount: number
  /** `sha256:...` over the schema and every value in order: the same content gives the same hash wherever it lies. */
  contentHash(): Promise<string>
  /** Columns in memory. Without `names` all of them; without `rows` all rows. */
  read(names?: readonly string[], rows?: RowIndex): Promise<Frame>
  /** The table in consecutive pieces of at most `batchRows` rows. */
  scan(names?: readonly string[], batchRows?: number): AsyncIterable<Frame>
  /**
   * Runs SQL in which the table is the relation `data` (typed as the schema says, missing values as NULL, plus the
   * column `__row` with the row number). Rows come back as plain values; BIGINT as number.
   */
  query(sql: string): Promise<Record<string, unknown>[]>
  close(): Promise<void>
}
