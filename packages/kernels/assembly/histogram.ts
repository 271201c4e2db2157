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

/** Counts the records in each bin of one feature into `counts`, 256 u32. */
export function countBins(column: usize, records: usize, count: u32, counts: usize): void {
  memory.fill(counts, 0, 1024)
  for (let i: u32 = 0; i < count; i++) {
    const cell = counts + (<usize>load<u8>(column + <usize>load<u32>(records + (<usize>i << 3))) << 2)
    store<u32>(cell, load<u32>(cell) + 1)
  }
}

// Of a feature's 256 cells only those of its bins are in use, rounded up to four, and the last four with that of missing
// values: features of few bins, such as words of a text, would else cost as much as all others.

const LAST_CELLS: usize = 252 * 8

// @ts-ignore: decorator
@inline
function cellBytes(binCounts: usize, feature: u32): usize {
  const bytes = <usize>((load<u32>(binCounts + (<usize>feature << 2)) + 3) >> 2) << 5
  return min(bytes, LAST_CELLS)
}

// @ts-ignore: decorator
@inline
function addFourCells(target: usize, source: usize): void {
  v128.store(target, i64x2.add(v128.load(target), v128.load(source)))
  v128.store(target, i64x2.add(v128.load(target, 16), v128.load(source, 16)), 16)
}

// @ts-ignore: decorator
@inline
function subtractFourCells(target: usize, source: usize): void {
  v128.store(target, i64x2.sub(v128.load(target), v128.load(source)))
  v128.store(target, i64x2.sub(v128.load(target, 16), v128.load(source, 16)), 16)
}

/** target += source, for features [0, featureCount) with these numbers of bins. */
export function addHistogram(target: usize, source: usize, featureCount: u32, binCounts: usize): void {
  for (let feature: u32 = 0; feature < featureCount; feature++) {
    const offset = <usize>feature * FEATURE_BYTES
    const bytes = cellBytes(binCounts, feature)
    for (let at: usize = 0; at < bytes; at += 32) addFourCells(target + offset + at, source + offset + at)
    addFourCells(target + offset + LAST_CELLS, source + offset + LAST_CELLS)
  }
}

/** target -= source: the histogram of one child is its parent's less its sibling's, exactly. */
export function subtractHistogram(target: usize, source: usize, featureCount: u32, binCounts: usize): void {
  for (let feature: u32 = 0; feature < featureCount; feature++) {
    const offset = <usize>feature * FEATURE_BYTES
    const bytes = cellBytes(binCounts, feature)
    for (let at: usize = 0; at < bytes; at += 32) subtractFourCells(target + offset + at, source + offset + at)
    subtractFourCells(target + offset + LAST_CELLS, source + offset + LAST_CELLS)
  }
}

export function clearHistogram(target: usize, featureCount: u32, binCounts: usize): void {
  for (let feature: u32 = 0; feature < featureCount; feature++) {
    const offset = <usize>feature * FEATURE_BYTES
    memory.fill(target + offset, 0, cellBytes(binCounts, feature))
    memory.fill(target + offset + LAST_CELLS, 0, 32)
  }
}

/** Ranges may overlap. */
export function copyBytes(target: usize, source: usize, sizeBytes: u32): void {
  memory.copy(target, source, sizeBytes)
}
