import { createRng } from '../../../core/index.ts'

/**
 * Chooses the cuts of one feature from a sorted sample without NaN; a value's bin is the number of cuts below it.
 * Few distinct values are told apart one by one; many are put into bins of about equal counts, where a value that
 * fills a bin by itself has one to itself.
 *
 * @param sorted ascending
 * @param maxBins at most 255
 * @param into receives the cuts, strictly ascending
 * @returns the number of cuts, at most maxBins - 1
 */
export function chooseCuts(sorted: Float32Array, maxBins: number, into: Float32Array): number {
  const distinct = distinctValues(sorted)
  return distinct.values.length <= maxBins ? cutBetweenAll(distinct, into) : cutByCount(distinct, maxBins, into)
}

interface Distinct {
  readonly values: Float32Array
  readonly counts: Uint32Array
}

function distinctValues(sorted: Float32Array): Distinct {
  const values = new Float32Array(sorted.length)
  const counts = new Uint32Array(sorted.length)
  let size = 0
  for (let i = 0; i < sorted.length; i++) {
    const value = sorted[i]!
    if (size === 0 || value !== values[size - 1]) values[size++] = value
    counts[size - 1]!++
  }
  return { values: values.subarray(0, size), counts: counts.subarray(0, size) }
}

function cutBetweenAll({ values }: Distinct, into: Float32Array): number {
  for (let i = 1; i < values.length; i++) into[i - 1] = cutBetween(values[i - 1]!, values[i]!)
  return Math.max(0, values.length - 1)
}

function cutByCount({ values, counts }: Distinct, maxBins: number, into: Float32Array): number {
  let rowsLeft = counts.reduce((sum, count) => sum + count, 0)
  let binsLeft = maxBins
  let inBin = 0
  let cuts = 0
  for (let i = 0; i + 1 < values.length && binsLeft > 1; i++) {
    inBin += counts[i]!
    const fairShare = rowsLeft / binsLeft
    if (inBin < fairShare && counts[i + 1]! < fairShare) continue
    into[cuts++] = cutBetween(values[i]!, values[i + 1]!)
    rowsLeft -= inBin
    binsLeft--
    inBin = 0
  }
  return cuts
}

/** The float nearest to the middle that still has `low` at or below it and `high` above. */
export function cutBetween(low: number, high: number): number {
  const middle = Math.fround(low + (high - low) / 2)
  return middle < high ? middle : low
}

/** Rows to take quantiles from: all of them, or one at random from each of `sampleSize` equal stretches. */
export function sampleRows(rowCount: number, sampleSize: number, seed: number): Uint32Array {
  if (rowCount <= sampleSize) return Uint32Array.from({ length: rowCount }, (_, row) => row)
  const rng = createRng(seed, 'boosting/quantiles')
  const stretch = rowCount / sampleSize
  return Uint32Array.from({ length: sampleSize }, (_, i) =>
    Math.min(rowCount - 1, Math.floor((i + rng.next()) * stretch)),
  )
}
