import type { RawBuilder } from 'kysely'

/** Where the rows lie that a key of an entity such as `params` selects from. */
export interface KeyedTable {
  /** Name of the table; only ever a constant of the code. */
  readonly table: string
  /** Column that names the owner. */
  readonly owner: string
  /** Whether an index lists its rows by key and value. */
  readonly isIndexed?: boolean
}

export type Field =
  /** A column of the searched table. */
  | { readonly kind: 'column'; readonly type: 'text' | 'number'; readonly column: RawBuilder<unknown> }
  /** The value that another table holds for the key. A NaN is a row whose value is null. */
  | {
      readonly kind: 'keyed'
      readonly type: 'text' | 'number'
      readonly source: KeyedTable
      readonly key: string
      readonly id: RawBuilder<unknown>
    }
  /** Any of several rows of another table; `rows` selects their owners and ends in a condition that more is added to. */
  | {
      readonly kind: 'any'
      readonly type: 'text'
      readonly id: RawBuilder<unknown>
      readonly owners: RawBuilder<unknown>
      readonly column: RawBuilder<unknown>
    }

/** Finds the field that a name stands for. Throws OPTION_INVALID where there is none. */
export type FieldResolver = (entity: string | undefined, key: string) => Field
