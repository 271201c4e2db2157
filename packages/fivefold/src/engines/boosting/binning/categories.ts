import { FivefoldError } from '../../../core/index.ts'

/** How the categories of one feature are binned. Can be cloned; `binOf` lies over shared memory. */
export interface CategoryBins {
  /** Bin of each small category code; MISSING_BIN where the category has none of its own. */
  readonly binOf: Uint8Array
  /** Bins of the codes beyond `binOf`, where they have one. */
  readonly binOfLarge: ReadonlyMap<number, number>
  /** Category code of each bin. */
  readonly codes: Uint32Array
}

const MISSING_BIN = 255
/** Float32 counts exactly up to here. */
const MAX_CODE = 2 ** 24
/** Codes below this are looked up in a table; a table for all would cost by the size of codes, not by their number. */
const TABLE_CODES = 65_536

/**
 * Gives a bin to each of the most frequent categories of a feature; categories beyond `maxBins` count as missing.
 *
 * @param values category codes 0, 1, 2, ...; NaN is missing
 * @param maxBins at most 255
 * @throws TRAIN_INPUT for a value that is not a category code
 */
export function binCategories(name: string, values: Float32Array, maxBins: number): CategoryBins {
  const counts = countCodes(name, values)
  const kept = [...counts].sort(([a, m], [b, n]) => n - m || a - b).slice(0, maxBins)
  const largest = kept.reduce((most, [code]) => (code < TABLE_CODES ? Math.max(most, code) : most), -1)
  const binOf = new Uint8Array(new SharedArrayBuffer(largest + 1)).fill(MISSING_BIN)
  const binOfLarge = new Map<number, number>()
  for (const [bin, [code]] of kept.entries()) {
    if (code < TABLE_CODES) binOf[code] = bin
    else binOfLarge.set(code, bin)
  }
  return { binOf, binOfLarge, codes: Uint32Array.from(kept, ([code]) => code) }
}

/** Rows of each category that occurs. */
function countCodes(name: string, values: Float32Array): Map<number, number> {
  const table = new Uint32Array(TABLE_CODES)
  const counts = new Map<number, number>()
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    if (Number.isNaN(value)) continue
    if (!(value >= 0 && value < MAX_CODE && Math.floor(value) === value))
      throw new FivefoldError(
        'TRAIN_INPUT',
        `boosting: the categorical feature '${name}' is ${value} in row ${row}; categories are whole numbers from 0 to ${MAX_CODE - 1}`,
      )
    if (value < TABLE_CODES) table[value]!++
    else counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  for (let code = 0; code < TABLE_CODES; code++) if (table[code]! > 0) counts.set(code, table[code]!)
  return counts
}

/** The bin of any value, known to the training rows or not. */
export function categoryBin({ binOf, binOfLarge }: CategoryBins, value: number): number {
  return binOf[value] ?? binOfLarge.get(value) ?? MISSING_BIN
}
