import { FivefoldError } from '../../../core/index.ts'

/** How the categories of one feature are binned. Can be cloned; `binOf` lies over shared memory. */
export interface CategoryBins {
  /** Bin of each category code; MISSING_BIN where the category has none of its own. */
  readonly binOf: Uint8Array
  /** Category code of each bin. */
  readonly codes: Uint32Array
}

const MISSING_BIN = 255
/** Float32 counts exactly up to here. */
const MAX_CODE = 2 ** 24

/**
 * Gives a bin to each of the most frequent categories of a feature; categories beyond `maxBins` count as missing.
 *
 * @param values category codes 0, 1, 2, ...; NaN is missing
 * @param maxBins at most 255
 * @throws TRAIN_INPUT for a value that is not a category code
 */
export function binCategories(name: string, values: Float32Array, maxBins: number): CategoryBins {
  const counts = countCodes(name, values)
  const present = [...counts.keys()].filter((code) => counts[code]! > 0)
  const kept = present.sort((a, b) => counts[b]! - counts[a]! || a - b).slice(0, maxBins)
  const binOf = new Uint8Array(new SharedArrayBuffer(counts.length)).fill(MISSING_BIN)
  for (const [bin, code] of kept.entries()) binOf[code] = bin
  return { binOf, codes: Uint32Array.from(kept) }
}

function countCodes(name: string, values: Float32Array): Uint32Array {
  let largest = -1
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    if (Number.isNaN(value)) continue
    if (!(value >= 0 && value < MAX_CODE && Math.floor(value) === value))
      throw new FivefoldError(
        'TRAIN_INPUT',
        `boosting: the categorical feature '${name}' is ${value} in row ${row}; categories are whole numbers from 0 to ${MAX_CODE - 1}`,
      )
    if (value > largest) largest = value
  }
  const counts = new Uint32Array(largest + 1)
  for (const value of values) if (value >= 0) counts[value]!++
  return counts
}

/** The bin of any value, known to the training rows or not. */
export function categoryBin({ binOf }: CategoryBins, value: number): number {
  return binOf[value] ?? MISSING_BIN
}
