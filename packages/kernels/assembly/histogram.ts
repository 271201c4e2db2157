// Histograms: for each feature 256 cells of eight bytes, gradient sum in the high word and hessian sum in the low.
// Adding two cells as one 64-bit integer adds both sums, because hessians are not negative and cannot carry out.

const FEATURE_BYTES: usize = 256 * 8

// Unrolled by hand: the byte offsets become immediates of the loads and stores.
// @ts-ignore: decorator
@inline
function addFour(bins: usize, histogram: usize, value: i64): void {
  const a0 = histogram + (<usize>load<u8>(bins) << 3)
  const a1 = histogram + (<usize>load<u8>(bins, 1) << 3)
  const a2 = histogram + (<usize>load<u8>(bins, 2) << 3)
  const a3 = histogram + (<usize>load<u8>(bins, 3) << 3)
  store<i64>(a0, load<i64>(a0) + value)
  store<i64>(a1, load<i64>(a1, 2048) + value, 2048)
  store<i64>(a2, load<i64>(a2, 4096) + value, 4096)
  store<i64>(a3, load<i64>(a3, 6144) + value, 6144)
}

// @ts-ignore: decorator
@inline
function addEight(bins: usize, histogram: usize, value: i64): void {
  addFour(bins, histogram, value)
  const a4 = histogram + (<usize>load<u8>(bins, 4) << 3)
  const a5 = histogram + (<usize>load<u8>(bins, 5) << 3)
  const a6 = histogram + (<usize>load<u8>(bins, 6) << 3)
  const a7 = histogram + (<usize>load<u8>(bins, 7) << 3)
  store<i64>(a4, load<i64>(a4, 8192) + value, 8192)
  store<i64>(a5, load<i64>(a5, 10240) + value, 10240)
  store<i64>(a6, load<i64>(a6, 12288) + value, 12288)
  store<i64>(a7, load<i64>(a7, 14336) + value, 14336)
}

/**
 * Loads a word of each of the next rows before they are used. WebAssembly has no prefetch, and the rows of a node lie
 * scattered: issuing the loads together lets the memory system overlap their latencies. The sum keeps them alive.
 */
// @ts-ignore: decorator
@inline
function touchRows(rowBins: usize, stride: u32, records: usize, begin: u32, end: u32): u32 {
  let alive: u32 = 0
  for (let i = begin; i < end; i++) {
    alive += load<u32>(rowBins + <usize>load<u32>(records + (<usize>i << 3)) * stride)
  }
  return alive
}

/**
 * Adds `count` records to the histograms of one block of features. `rowBins` holds `stride` bytes a row, of which the
 * first `featureCount` (a multiple of four) are bins. `touchAhead` rows are loaded ahead; 0 for rows in memory order.
 */
export function accumulateHistogram(
  rowBins: usize,
  stride: u32,
  records: usize,
  count: u32,
  histogram: usize,
  featureCount: u32,
  touchAhead: u32,
): u32 {
  let alive: u32 = 0
  const step = touchAhead ? touchAhead : 32
  const eights = featureCount >> 3
  const four = featureCount & 4
  for (let begin: u32 = 0; begin < count; begin += step) {
    const end = min<u32>(begin + step, count)
    if (touchAhead) alive += touchRows(rowBins, stride, records, begin, end)
    for (let i = begin; i < end; i++) {
      const record = records + (<usize>i << 3)
      const packed = load<i32>(record, 4)
      const value = (<i64>(packed >> 16) << 32) + <i64>(packed & 0xffff)
      let bins = rowBins + <usize>load<u32>(record) * stride
      let cells = histogram
      for (let k: u32 = 0; k < eights; k++) {
        addEight(bins, cells, value)
        bins += 8
        cells += 8 * FEATURE_BYTES
      }
      if (four) addFour(bins, cells, value)
    }
  }
  return alive
}

/** Adds the number of records in each bin of each feature to `counts`, 256 u32 a feature. */
export function accumulateCounts(
  columnBins: usize,
  rowCount: u32,
  records: usize,
  count: u32,
  featureCount: u32,
  counts: usize,
): void {
  for (let feature: u32 = 0; feature < featureCount; feature++) {
    const column = columnBins + <usize>feature * rowCount
    const cells = counts + (<usize>feature << 10)
    for (let i: u32 = 0; i < count; i++) {
      const cell = cells + (<usize>load<u8>(column + <usize>load<u32>(records + (<usize>i << 3))) << 2)
      store<u32>(cell, load<u32>(cell) + 1)
    }
  }
}

/** target += source; `sizeBytes` is a multiple of 32. */
export function addHistogram(target: usize, source: usize, sizeBytes: u32): void {
  for (let at: u32 = 0; at < sizeBytes; at += 32) {
    v128.store(target + at, i64x2.add(v128.load(target + at), v128.load(source + at)))
    v128.store(target + at, i64x2.add(v128.load(target + at, 16), v128.load(source + at, 16)), 16)
  }
}

/** target -= source: the histogram of one child is its parent's less its sibling's, exactly. */
export function subtractHistogram(target: usize, source: usize, sizeBytes: u32): void {
  for (let at: u32 = 0; at < sizeBytes; at += 32) {
    v128.store(target + at, i64x2.sub(v128.load(target + at), v128.load(source + at)))
    v128.store(target + at, i64x2.sub(v128.load(target + at, 16), v128.load(source + at, 16)), 16)
  }
}

export function clearBytes(target: usize, sizeBytes: u32): void {
  memory.fill(target, 0, sizeBytes)
}

/** Ranges may overlap. */
export function copyBytes(target: usize, source: usize, sizeBytes: u32): void {
  memory.copy(target, source, sizeBytes)
}
