// Histograms: for each feature up to 256 cells of eight bytes, gradient sum in the high word and hessian sum in the low.
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

/** The features beyond a multiple of four. */
// @ts-ignore: decorator
@inline
function addRest(bins: usize, histogram: usize, value: i64, rest: u32): void {
  const a0 = histogram + (<usize>load<u8>(bins) << 3)
  store<i64>(a0, load<i64>(a0) + value)
  if (rest == 1) return
  const a1 = histogram + (<usize>load<u8>(bins, 1) << 3)
  store<i64>(a1, load<i64>(a1, 2048) + value, 2048)
  if (rest == 2) return
  const a2 = histogram + (<usize>load<u8>(bins, 2) << 3)
  store<i64>(a2, load<i64>(a2, 4096) + value, 4096)
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
 * The histograms of `count` records, of one block of features; `ranges` as in clearCells. `rowBins` holds `stride` bytes
 * a row, of which the first `featureCount` are bins. `touchAhead` rows are loaded ahead; 0 for rows in memory order.
 */
export function accumulateHistogram(
  rowBins: usize,
  stride: u32,
  records: usize,
  count: u32,
  histogram: usize,
  ranges: usize,
  featureCount: u32,
  touchAhead: u32,
): u32 {
  clearCells(histogram, ranges)
  let alive: u32 = 0
  const step = touchAhead ? touchAhead : 32
  const eights = featureCount >> 3
  const four = featureCount & 4
  const rest = featureCount & 3
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
      if (four) {
        addFour(bins, cells, value)
        bins += 4
        cells += 4 * FEATURE_BYTES
      }
      if (rest) addRest(bins, cells, value, rest)
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

/** Bytes from which on filling is worth a call out of WebAssembly. */
const LEAST_FILL: usize = 512

/**
 * Clears cells. Of a block's only those of bins that its features have are in use, and those of missing values: features of
 * few bins would else cost as much as all others. `ranges` says which: their number, then begin and end of each in bytes
 * from the first cell, all u32; they are multiples of four cells.
 */
export function clearCells(cells: usize, ranges: usize): void {
  const last = ranges + (<usize>load<u32>(ranges) << 3)
  const zero = i64x2.splat(0)
  for (let range = ranges; range < last; range += 8) {
    const begin = <usize>load<u32>(range, 4)
    const end = <usize>load<u32>(range, 8)
    if (end - begin >= LEAST_FILL) memory.fill(cells + begin, 0, end - begin)
    else for (let at = begin; at < end; at += 16) v128.store(cells + at, zero)
  }
}

// @ts-ignore: decorator
@inline
function addCells(target: usize, source: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16)
    v128.store(target + at, i64x2.add(v128.load(target + at), v128.load(source + at)))
}

// @ts-ignore: decorator
@inline
function subtractCells(target: usize, source: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16)
    v128.store(target + at, i64x2.sub(v128.load(target + at), v128.load(source + at)))
}

/** A listed feature's frequent value gets what the others leave of the total. */
// @ts-ignore: decorator
@inline
function restoreFrequent(bins: usize, binBytes: usize, missing: usize, frequent: usize, total: i64): void {
  let others = i64x2.add(v128.load(missing), v128.load(missing, 16))
  for (let at: usize = 0; at < binBytes; at += 16) others = i64x2.add(others, v128.load(bins + at))
  store<i64>(frequent, total - i64x2.extract_lane(others, 0) - i64x2.extract_lane(others, 1))
}

/**
 * Completes the cells of features [firstFeature, endFeature) of a fresh histogram, which was built in `partCount` further
 * parts, `partBytes` apart from `parts` on; then takes them off those of its parent (unless that is 0), which leaves the
 * sibling's, exactly. `featureCells` holds four u32 a feature, all in bytes from the histogram's beginning: where its bins
 * begin, its missing values' cell, and for listed features the frequent value's cell and that of the block's total, else
 * 0. Features with fewer than one bin are left out. Bins take up whole groups of four cells, and so do missing values.
 */
export function finishHistogram(
  fresh: usize,
  parts: usize,
  partBytes: usize,
  partCount: u32,
  parent: usize,
  firstFeature: u32,
  endFeature: u32,
  featureCells: usize,
  binCounts: usize,
): void {
  for (let feature = firstFeature; feature < endFeature; feature++) {
    const binCount = load<i32>(binCounts + (<usize>feature << 2))
    if (binCount < 1) continue
    const entry = featureCells + (<usize>feature << 4)
    const first = <usize>load<u32>(entry)
    const missing = <usize>load<u32>(entry, 4) & ~31
    const binBytes = min<usize>((<usize>(binCount + 3) >> 2) << 5, missing - first)
    for (let part: u32 = 0; part < partCount; part++) {
      const source = parts + <usize>part * partBytes
      addCells(fresh + first, source + first, binBytes)
      addCells(fresh + missing, source + missing, 32)
    }
    const frequent = <usize>load<u32>(entry, 8)
    if (frequent != 0) {
      const totalCell = <usize>load<u32>(entry, 12)
      let total = load<i64>(fresh + totalCell)
      for (let part: u32 = 0; part < partCount; part++) total += load<i64>(parts + <usize>part * partBytes + totalCell)
      restoreFrequent(fresh + first, binBytes, fresh + missing, fresh + frequent, total)
    }
    if (parent == 0) continue
    subtractCells(parent + first, fresh + first, binBytes)
    subtractCells(parent + missing, fresh + missing, 32)
  }
}

/** Ranges may overlap. */
export function copyBytes(target: usize, source: usize, sizeBytes: u32): void {
  memory.copy(target, source, sizeBytes)
}
