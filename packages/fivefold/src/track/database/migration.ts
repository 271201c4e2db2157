export interface Migration {
  readonly number: number
  readonly name: string
  /** What the two databases write differently is filled in from `words`. */
  statements(words: SchemaWords): readonly string[]
}

export interface SchemaWords {
  /** Type and constraints of a primary key that counts itself. */
  readonly counter: string
  /** Keeps a table in the order of its primary key, where the database can. */
  readonly clustered: string
  /** Makes a text column compare by bytes, as SQLite's always do. */
  readonly bytewise: string
  /** A text column as part of an index, whatever its length. */
  indexedText(column: string): string
  /** Ends the check of a column against another table, where it can be ended and costs something. */
  dropReference(table: string, column: string): readonly string[]
}
