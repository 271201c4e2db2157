/**
 * The one of some names that another was probably meant to be: equal but for case and punctuation, or a few slips of
 * the finger away (Damerau-Levenshtein distance up to a third of its length, at most 3). Undefined where none is near.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const wanted = fold(name)
  const same = candidates.find((candidate) => fold(candidate) === wanted)
  if (same !== undefined || wanted.length > MAX_LENGTH) return same
  const limit = Math.min(3, Math.floor(wanted.length / 3))
  let [nearest, least]: [string | undefined, number] = [undefined, limit + 1]
  for (const candidate of candidates) {
    const other = fold(candidate)
    if (Math.abs(other.length - wanted.length) >= least) continue
    const slips = countSlips(wanted, other)
    if (slips < least) [nearest, least] = [candidate, slips]
  }
  return nearest
}

/** "; did you mean 'age'?" for the end of a message; empty where no candidate is near. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const nearest = nearestName(name, candidates)
  return nearest === undefined ? '' : `; did you mean '${nearest}'?`
}

/** Longer names are told apart at a glance, and comparing them costs the product of their lengths. */
const MAX_LENGTH = 100

const fold = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function countSlips(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      row[j] = Math.min(replaced, above[j]! + 1, row[j - 1]! + 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) row[j] = Math.min(row[j]!, before[j - 2]! + 1)
    }
    ;[before, above] = [above, row]
  }
  return above[b.length]!
}
