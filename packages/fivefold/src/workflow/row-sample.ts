import type { Rng } from '../core/index.ts'
import type { RowIndex, Target } from '../data/index.ts'

/**
 * Positions of a seeded sample in ascending order, of each class its share within one row, of a class that has any at
 * least one. Selection sampling (Knuth, volume 2, algorithm S) class by class in one pass: nothing is shuffled.
 *
 * @param target one value for each position
 */
export function samplePositions(target: Target, size: number, rng: Rng): RowIndex {
  const codes = target.kind === 'classes' ? target.codes : undefined
  const length = codes?.length ?? (target.kind === 'number' ? target.values.length : 0)
  const left = new Float64Array(target.kind === 'classes' ? target.classes.length : 1)
  for (let at = 0; at < length; at++) left[codes ? codes[at]! : 0]!++
  const wanted = shares(left, Math.min(size, length), length)
  const positions = new Uint32Array(wanted.reduce((sum, count) => sum + count, 0))
  let taken = 0
  for (let at = 0; at < length; at++) {
    const group = codes ? codes[at]! : 0
    if (left[group]! * rng.next() < wanted[group]!) {
      positions[taken++] = at
      wanted[group]!--
    }
    left[group]!--
  }
  return positions
}

/** How many of each class make up a sample of the size: by largest remainder, ties to the earlier class. */
function shares(counts: Float64Array, size: number, total: number): Float64Array {
  const exact = counts.map((count) => (count * size) / total)
  const wanted = exact.map((share, group) => Math.min(counts[group]!, Math.max(1, Math.floor(share))))
  const lacks = exact.map((share, group) => share - wanted[group]!)
  const order = [...exact.keys()].sort((a, b) => lacks[b]! - lacks[a]! || a - b)
  let spare = size - wanted.reduce((sum, count) => sum + count, 0)
  for (const group of order) {
    if (spare <= 0) break
    if (wanted[group]! >= counts[group]!) continue
    wanted[group]!++
    spare--
  }
  return wanted
}
