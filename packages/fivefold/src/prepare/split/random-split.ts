import type { Rng } from '../../core/index.ts'
import type { RowIndex, Target } from '../../data/index.ts'
import { impossible, partition } from './sides.ts'

/** Rows drawn without replacement; for classes each class gives its share, within one row of it. */
export function splitRandomly(rows: RowIndex, fraction: number, target: Target, rng: Rng): [RowIndex, RowIndex] {
  if (rows.length < 2) throw impossible(`${rows.length} rows with a target cannot be divided`)
  const codes = target.kind === 'classes' ? target.codes : undefined
  const quota = testQuotas(rows, fraction, codes, target.kind === 'classes' ? target.classes.length : 1)
  const isTest = new Uint8Array((rows[rows.length - 1] ?? 0) + 1)
  for (const row of rng.shuffle(rows.slice())) {
    const group = codes ? codes[row]! : 0
    if (quota[group]! === 0) continue
    quota[group]!--
    isTest[row] = 1
  }
  return partition(rows, (row) => isTest[row] === 1)
}

/** Test rows of each class by largest remainder, so that they add up to the share of the whole. */
function testQuotas(rows: RowIndex, fraction: number, codes: Int32Array | undefined, groups: number): Int32Array {
  const counts = new Int32Array(groups)
  for (const row of rows) counts[codes ? codes[row]! : 0]!++
  const quota = counts.map((count) => Math.floor(count * fraction))
  const total = Math.min(rows.length - 1, Math.max(1, Math.round(rows.length * fraction)))
  const remainder = (group: number): number => counts[group]! * fraction - quota[group]!
  const order = Array.from(counts, (_, group) => group).sort((a, b) => remainder(b) - remainder(a) || a - b)
  let left = total - quota.reduce((sum, count) => sum + count, 0)
  for (const group of order) {
    // A class's only row belongs to training: no model can predict a class that it never saw.
    if (left <= 0 || counts[group]! - quota[group]! <= (counts[group] === 1 ? 1 : 0)) continue
    quota[group]!++
    left--
  }
  return quota
}
