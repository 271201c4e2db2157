/** Rows that are scored together: their features stay in the first-level cache while the trees pass. */
export const BLOCK_ROWS = 64
/** Bytes of one column of a block of rows. */
export const COLUMN_BYTES = BLOCK_ROWS * 4

/**
 * What a column of a block holds of its feature: the values; the negated ones, for splits that send missing values to the side
 * that `value >= bound` would not; or category codes.
 */
export type ColumnKind = 'values' | 'negated' | 'codes'

/** A column of the blocks that kernels read. Only what a split asks for has one. */
export interface Column {
  readonly feature: number
  readonly kind: ColumnKind
  /** Codes from here on are unknown to every split and stand as this one; what is no code stands as the next. */
  readonly codeCount: number
}

/** The two views of a block. */
export interface Block {
  /** [columns x BLOCK_ROWS] */
  readonly floats: Float32Array
  readonly words: Uint32Array
}

/** Fills a column with `count` values from `begin` on. */
export function fillColumn(
  { floats, words }: Block,
  index: number,
  { kind, codeCount }: Column,
  values: ArrayLike<number>,
  begin: number,
  count: number,
): void {
  const at = index * BLOCK_ROWS
  if (kind === 'values') for (let i = 0; i < count; i++) floats[at + i] = values[begin + i]!
  else if (kind === 'negated') for (let i = 0; i < count; i++) floats[at + i] = -values[begin + i]!
  else for (let i = 0; i < count; i++) words[at + i] = codeOf(values[begin + i]!, codeCount)
}

function codeOf(value: number, codeCount: number): number {
  const isCode = value >= 0 && value < Infinity && Math.floor(value) === value
  return isCode ? Math.min(value, codeCount) : codeCount + 1
}
