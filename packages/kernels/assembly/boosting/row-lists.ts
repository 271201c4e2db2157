// Features that most rows have one value of are stored as lists: for each row the histogram cells of its other values,
// as u16 counted from the first cell of their block. `starts` says where each row's list begins and ends.
import { clearCells } from './histogram'

const MISSING_BIN: u32 = 255

/** Adds to `counts`, one u32 a row, where a row's bin is not `frequentBin`. */
export function countOthers(column: usize, count: u32, frequentBin: u32, counts: usize): void {
  for (let i: u32 = 0; i < count; i++) {
    const at = counts + (<usize>i << 2)
    store<u32>(at, load<u32>(at) + <u32>(<u32>load<u8>(column + i) != frequentBin))
  }
}

/** Turns counts, one u32 a row, into where each row's list begins; the word after the last row tells where that ends. */
export function startLists(starts: usize, rowCount: u32): void {
  let next: u32 = 0
  for (let row: u32 = 0; row < rowCount; row++) {
    const at = starts + (<usize>row << 2)
    const size = load<u32>(at)
    store<u32>(at, next)
    next += size
  }
  store<u32>(starts + (<usize>rowCount << 2), next)
}

/** Writes the cells of rows whose bin is not `frequentBin` where `cursors`, one u32 a row, point, and moves those on. */
export function listOthers(
  column: usize,
  count: u32,
  frequentBin: u32,
  firstCell: u32,
  missingCell: u32,
  cursors: usize,
  lists: usize,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const bin = <u32>load<u8>(column + i)
    if (bin == frequentBin) continue
    const cursor = cursors + (<usize>i << 2)
    const entry = load<u32>(cursor)
    store<u16>(lists + (<usize>entry << 1), bin == MISSING_BIN ? missingCell : firstCell + bin)
    store<u32>(cursor, entry + 1)
  }
}

/** The listed cells of `count` records, of one block; the first cell gets the total. `ranges` as in clearCells. */
export function accumulateLists(starts: usize, lists: usize, records: usize, count: u32, cells: usize, ranges: usize): void {
  clearCells(cells, ranges)
  let total: i64 = 0
  for (let i: u32 = 0; i < count; i++) {
    const record = records + (<usize>i << 3)
    const packed = load<i32>(record, 4)
    const value = (<i64>(packed >> 16) << 32) + <i64>(packed & 0xffff)
    total += value
    const row = starts + (<usize>load<u32>(record) << 2)
    const end = lists + (<usize>load<u32>(row, 4) << 1)
    for (let entry = lists + (<usize>load<u32>(row) << 1); entry < end; entry += 2) {
      const cell = cells + (<usize>load<u16>(entry) << 3)
      store<i64>(cell, load<i64>(cell) + value)
    }
  }
  store<i64>(cells, total)
}
