import { FivefoldError } from '../../core/index.ts'
import type { RowIndex, Target } from '../../data/index.ts'

/** Whether a row has something to predict. */
export function hasTarget(target: Target, row: number): boolean {
  return target.kind === 'classes' ? target.codes[row]! >= 0 : !Number.isNaN(target.values[row]!)
}

export function rowsWithTargetOf(target: Target): RowIndex {
  const length = target.kind === 'classes' ? target.codes.length : target.values.length
  return selectRows(length, (row) => hasTarget(target, row))
}

export function selectRows(rowCount: number, isWanted: (row: number) => boolean): RowIndex {
  const rows = new Uint32Array(rowCount)
  let count = 0
  for (let row = 0; row < rowCount; row++) if (isWanted(row)) rows[count++] = row
  return rows.slice(0, count)
}

/** Divides rows by a test, keeping their order. */
export function partition(rows: RowIndex, isSecond: (row: number, at: number) => boolean): [RowIndex, RowIndex] {
  const first = new Uint32Array(rows.length)
  const second = new Uint32Array(rows.length)
  let firstCount = 0
  let secondCount = 0
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!
    if (isSecond(row, at)) second[secondCount++] = row
    else first[firstCount++] = row
  }
  return [first.slice(0, firstCount), second.slice(0, secondCount)]
}

export function impossible(message: string): FivefoldError {
  return new FivefoldError('SPLIT_IMPOSSIBLE', message)
}

export function requireFraction(fraction: number): number {
  if (fraction > 0 && fraction < 1) return fraction
  throw new FivefoldError('OPTION_INVALID', `testFraction is ${fraction}; it must lie between 0 and 1`)
}
