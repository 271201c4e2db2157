import type { NumberColumn, RowIndex } from '../../data/index.ts'
import { impossible, partition } from './sides.ts'

export interface TimeSplit {
  readonly train: RowIndex
  readonly test: RowIndex
  /** First value of the test side. */
  readonly cut: number
}

/** Everything from the cut on is test, so no instant is on both sides. */
export function splitAtCut(rows: RowIndex, times: NumberColumn, cut: number): TimeSplit {
  requireTimes(rows, times)
  const [train, test] = partition(rows, (row) => times.values[row]! >= cut)
  if (train.length === 0 || test.length === 0)
    throw impossible(`the cut leaves ${train.length} training rows and ${test.length} test rows`)
  return { train, test, cut }
}

/** The cut between two instants that comes nearest to the asked share of test rows, the later one of two equally near. */
export function splitLatest(rows: RowIndex, times: NumberColumn, fraction: number): TimeSplit {
  requireTimes(rows, times)
  const sorted = Float64Array.from(rows, (row) => times.values[row]!).sort()
  const wanted = Math.round(sorted.length * (1 - fraction))
  const position = nearestBoundary(sorted, wanted)
  if (position === undefined) throw impossible('all rows are of one instant')
  return splitAtCut(rows, times, sorted[position]!)
}

/** The position nearest to `wanted` at which a sorted value is above the one before it. */
export function nearestBoundary(sorted: Float64Array, wanted: number): number | undefined {
  const isBoundary = (at: number): boolean => at > 0 && at < sorted.length && sorted[at]! > sorted[at - 1]!
  for (let distance = 0; distance <= sorted.length; distance++) {
    if (isBoundary(wanted + distance)) return wanted + distance
    if (isBoundary(wanted - distance)) return wanted - distance
  }
  return undefined
}

export function requireTimes(rows: RowIndex, times: NumberColumn): void {
  let missing = 0
  for (const row of rows) if (Number.isNaN(times.values[row]!)) missing++
  if (missing > 0) throw impossible(`${missing} of ${rows.length} rows have no time; leave them out with where`)
}
