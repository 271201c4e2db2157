// Binning: exact quantiles need sorted samples; binning itself is a branchless binary search.

const DIGIT_BITS: u32 = 11
const DIGITS: u32 = 1 << DIGIT_BITS
const DIGIT_MASK: u32 = DIGITS - 1
const COUNTER_BYTES: u32 = DIGITS * 4

/**
 * Sorts `count` finite floats ascending, in place. Radix sort on the order-preserving integer image of a float:
 * three passes of 11 bits. `scratch` holds as many floats; `counters` 3 x 2048 u32.
 */
export function sortFloats(values: usize, scratch: usize, count: u32, counters: usize): void {
  countDigits(values, count, counters)
  scatterByDigit(values, scratch, count, counters, 0)
  scatterByDigit(scratch, values, count, counters + COUNTER_BYTES, DIGIT_BITS)
  scatterByDigit(values, scratch, count, counters + 2 * COUNTER_BYTES, 2 * DIGIT_BITS)
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u32>(scratch + (<usize>i << 2))
    store<u32>(values + (<usize>i << 2), key ^ (<u32>(<i32>~key >> 31) | 0x80000000))
  }
}

/** Replaces floats by their sortable keys and counts all three digits in one go. */
function countDigits(values: usize, count: u32, counters: usize): void {
  memory.fill(counters, 0, 3 * COUNTER_BYTES)
  for (let i: u32 = 0; i < count; i++) {
    let key = load<u32>(values + (<usize>i << 2))
    key ^= <u32>(<i32>key >> 31) | 0x80000000
    store<u32>(values + (<usize>i << 2), key)
    increment(counters + ((key & DIGIT_MASK) << 2))
    increment(counters + COUNTER_BYTES + (((key >> DIGIT_BITS) & DIGIT_MASK) << 2))
    increment(counters + 2 * COUNTER_BYTES + ((key >> (2 * DIGIT_BITS)) << 2))
  }
}

// @ts-ignore: decorator
@inline
function increment(address: usize): u32 {
  const before = load<u32>(address)
  store<u32>(address, before + 1)
  return before
}

function scatterByDigit(from: usize, to: usize, count: u32, counters: usize, shift: u32): void {
  let offset: u32 = 0
  for (let digit: u32 = 0; digit < DIGITS; digit++) {
    const size = load<u32>(counters + (digit << 2))
    store<u32>(counters + (digit << 2), offset)
    offset += size
  }
  for (let i: u32 = 0; i < count; i++) {
    const key = load<u32>(from + (<usize>i << 2))
    const position = increment(counters + (((key >> shift) & DIGIT_MASK) << 2))
    store<u32>(to + (<usize>position << 2), key)
  }
}

/**
 * Bin of each value: the number of cuts below it; 255 for NaN. `cuts` are 256 floats, padded with +Infinity.
 * Bins go to `columnBins` (one byte a row) and to `rowBins` (every `rowStride` bytes).
 * The search has no branches: mispredictions would cost more than the eight loads, which hit the first-level cache.
 */
export function binColumn(
  values: usize,
  count: u32,
  cuts: usize,
  columnBins: usize,
  rowBins: usize,
  rowStride: u32,
): void {
  for (let i: u32 = 0; i < count; i++) {
    const value = load<f32>(values + (<usize>i << 2))
    let bin = <u32>(value > load<f32>(cuts, 127 * 4)) << 7
    bin += <u32>(value > load<f32>(cuts + (bin << 2), 63 * 4)) << 6
    bin += <u32>(value > load<f32>(cuts + (bin << 2), 31 * 4)) << 5
    bin += <u32>(value > load<f32>(cuts + (bin << 2), 15 * 4)) << 4
    bin += <u32>(value > load<f32>(cuts + (bin << 2), 7 * 4)) << 3
    bin += <u32>(value > load<f32>(cuts + (bin << 2), 3 * 4)) << 2
    bin += <u32>(value > load<f32>(cuts + (bin << 2), 1 * 4)) << 1
    bin += <u32>(value > load<f32>(cuts + (bin << 2)))
    bin |= -(<u32>(value != value)) & 255
    store<u8>(columnBins + i, bin)
    store<u8>(rowBins, bin)
    rowBins += rowStride
  }
}
