/**
 * Two-sided exact test (Fisher) of a two-by-two table: `hits` of `draws` rows carry a mark that `marked` of all `total`
 * rows carry. Sums the probability of every table that is no more likely than the one seen.
 */
export function hypergeometricPValue(hits: number, draws: number, marked: number, total: number): number {
  const lowest = Math.max(0, draws + marked - total)
  const highest = Math.min(draws, marked)
  const mode = Math.min(highest, Math.max(lowest, Math.floor(((draws + 1) * (marked + 1)) / (total + 2))))
  // Weights relative to the mode: no factorials, nothing overflows.
  const up = (x: number): number => ((marked - x) * (draws - x)) / ((x + 1) * (total - marked - draws + x + 1))
  const above = tail(mode, highest, up, 1)
  const below = tail(mode, lowest, (x) => 1 / up(x - 1), -1)
  const weightOf = (x: number): number => (x >= mode ? above[x - mode] : below[mode - x]) ?? 0
  const limit = weightOf(hits) * (1 + 1e-7)
  let all = -1
  let asExtreme = limit >= 1 ? -1 : 0
  for (const weights of [above, below]) {
    for (const weight of weights) {
      all += weight
      if (weight <= limit) asExtreme += weight
    }
  }
  return Math.min(1, asExtreme / all)
}

/** Weights from the mode outwards, mode included, until they vanish. */
function tail(mode: number, end: number, ratio: (x: number) => number, step: 1 | -1): number[] {
  const weights = [1]
  let weight = 1
  for (let x = mode; x !== end && weight > 1e-320; x += step) {
    weight *= ratio(x)
    weights.push(weight)
  }
  return weights
}
