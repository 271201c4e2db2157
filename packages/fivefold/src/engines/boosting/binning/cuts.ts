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
  return hasFewValues(sorted, maxBins) ? cutBetweenAll(sorted, into) : cutByCount(sorted, maxBins, into)
}

function hasFewValues(sorted: Float32Array, limit: number): boolean {
  let distinct = Math.min(1, sorted.length)
  for (let i = 1; i < sorted.length && distinct <= limit; i++) if (sorted[i] !== sorted[i - 1]) distinct++
  return distinct <= limit
}

function cutBetweenAll(sorted: Float32Array, into: Float32Array): number {
  let cuts = 0
  for (let i = 1; i < sorted.length; i++)
    if (sorted[i] !== sorted[i - 1]) into[cuts++] = cutBetween(sorted[i - 1]!, sorted[i]!)
  return cuts
}

/** Jumps from cut to cut: a bin ends with the value that fills it, or before a value that would fill one by itself. */
function cutByCount(sorted: Float32Array, maxBins: number, into: Float32Array): number {
  let begin = 0
  let cuts = 0
  for (let binsLeft = maxBins; binsLeft > 1; binsLeft--) {
    const fairShare = (sorted.length - begin) / binsLeft
    const filling = sorted[begin + Math.max(1, Math.ceil(fairShare)) - 1]!
    const first = lowerBound(sorted, begin, (value) => value >= filling)
    const after = lowerBound(sorted, first, (value) => value > filling)
    const end = first > begin && after - first >= fairShare ? first : after
    if (end === sorted.length) break
    into[cuts++] = cutBetween(sorted[end - 1]!, sorted[end]!)
    begin = end
  }
  return cuts
}

/** First position from `from` on whose value passes; a value that passes is followed only by such. */
function lowerBound(sorted: Float32Array, from: number, passes: (value: number) => boolean): number {
  let low = from
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (passes(sorted[middle]!)) high = middle
    else low = middle + 1
  }
  return low
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
