import type { Rng } from '../../core/index.ts'
import type { Column, RowIndex } from '../../data/index.ts'
import { impossible, partition } from './sides.ts'

export interface Groups {
  /** For each of the rows the number of its group. Rows without a group value form one group together. */
  readonly groupOf: Int32Array
  readonly sizes: Int32Array
}

export function groupsOf(rows: RowIndex, column: Column): Groups {
  const numberOf = new Map<number, number>()
  const groupOf = Int32Array.from(rows, (row) => {
    const value = column.kind === 'number' ? column.values[row]! : column.codes[row]!
    const known = numberOf.get(value)
    if (known !== undefined) return known
    numberOf.set(value, numberOf.size)
    return numberOf.size - 1
  })
  const sizes = new Int32Array(numberOf.size)
  for (const group of groupOf) sizes[group]!++
  return { groupOf, sizes }
}

export interface GroupSplit {
  readonly train: RowIndex
  readonly test: RowIndex
  readonly trainGroups: number
  readonly testGroups: number
}

/** Whole groups in random order go to the test side while that brings it nearer to its share. */
export function splitByGroup(rows: RowIndex, column: Column, fraction: number, rng: Rng): GroupSplit {
  const { groupOf, sizes } = groupsOf(rows, column)
  if (sizes.length < 2) throw impossible('all rows are of one group')
  const wanted = rows.length * fraction
  const isTest = new Uint8Array(sizes.length)
  let taken = 0
  let testGroups = 0
  const order = rng.shuffle(Int32Array.from(sizes, (_, group) => group))
  for (const group of order) {
    const size = sizes[group]!
    if (taken + size / 2 > wanted || testGroups === sizes.length - 1) continue
    isTest[group] = 1
    taken += size
    testGroups++
  }
  if (testGroups === 0) {
    isTest[smallest(sizes)] = 1
    testGroups = 1
  }
  const [train, test] = partition(rows, (_, at) => isTest[groupOf[at]!] === 1)
  return { train, test, trainGroups: sizes.length - testGroups, testGroups }
}

function smallest(sizes: Int32Array): number {
  return sizes.indexOf(sizes.reduce((least, size) => Math.min(least, size)))
}
