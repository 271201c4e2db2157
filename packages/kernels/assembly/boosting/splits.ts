// Split search: prefix sums over the bins of a feature, gain of every cut, missing values tried on both sides.
//
// The gain is score(left) + score(right) with score = T(G)^2 / (H + l2), T(G) = max(|G| - l1, 0)
// (Chen and Guestrin, 2016). Sums are exact integers; gains are doubles.

const MISSING_BIN: i32 = 255
/** Single precision errs by some 1e-6 in a score; a cut this much below the best cannot be better. */
const FILTER_MARGIN: f64 = 1e-5

// What is searched, the same for all features of a call. Each thread has an instance, hence globals, of its own.
let totalG: i32 = 0
let totalH: i32 = 0
let inverseG: f64 = 0
let inverseH: f64 = 0
let l1: f64 = 0
let l2: f64 = 0
let minHessian: f64 = 0

let bestScore: f64 = 0
let bestFeature: i32 = -1
let bestBin: i32 = 0
let bestMissingLeft: u32 = 0
let bestLeftG: f64 = 0
let bestLeftH: f64 = 0
/** The best score in integer units, a margin below it, in all lanes: what the filter compares with. */
let filterScore: v128 = f32x4.splat(0)

// @ts-ignore: decorator
@inline
function begin(
  sumG: f64,
  sumH: f64,
  unitG: f64,
  unitH: f64,
  penalty1: f64,
  penalty2: f64,
  leastHessian: f64,
): void {
  totalG = <i32>sumG
  totalH = <i32>sumH
  inverseG = unitG
  inverseH = unitH
  l1 = penalty1
  l2 = penalty2
  minHessian = leastHessian
  bestScore = 0
  bestFeature = -1
  filterScore = f32x4.splat(0)
}

// @ts-ignore: decorator
@inline
function offer(score: f64, feature: i32, bin: i32, missingLeft: u32, leftG: i32, leftH: i32): void {
  if (score <= bestScore) return
  bestScore = score
  bestFeature = feature
  bestBin = bin
  bestMissingLeft = missingLeft
  bestLeftG = <f64>leftG
  bestLeftH = <f64>leftH
}

function writeBest(out: usize): void {
  store<f64>(out, bestScore)
  store<f64>(out, <f64>bestFeature, 8)
  store<f64>(out, <f64>bestBin, 16)
  store<f64>(out, <f64>bestMissingLeft, 24)
  store<f64>(out, bestLeftG, 32)
  store<f64>(out, bestLeftH, 40)
}

// @ts-ignore: decorator
@inline
function shrunk(g: f64): f64 {
  return max<f64>(abs(g) - l1, 0)
}

/** The exact score of one cut, where the filter let it pass. */
function offerExactly(feature: i32, bin: i32, missingLeft: u32, leftG: i32, leftH: i32): void {
  const rightH = totalH - leftH
  if (<f64>min(leftH, rightH) < minHessian) return
  const gl = shrunk(<f64>leftG * inverseG)
  const gr = shrunk(<f64>(totalG - leftG) * inverseG)
  const hl = <f64>leftH * inverseH + l2
  const hr = <f64>rightH * inverseH + l2
  offer((gl * gl * hr + gr * gr * hl) / (hl * hr), feature, bin, missingLeft, leftG, leftH)
  filterScore = f32x4.splat(<f32>(bestScore * (inverseH / (inverseG * inverseG)) * (1 - FILTER_MARGIN)))
}

/** |g| less l1, rounded up, so that the filter never drops what the exact score would keep. */
// @ts-ignore: decorator
@inline
function shrunkLanes(g: v128, inflation: v128, limit: v128, zero: v128): v128 {
  const size = f32x4.mul(f32x4.abs(f32x4.convert_i32x4_s(g)), inflation)
  return f32x4.pmax(zero, f32x4.sub(size, limit))
}

// @ts-ignore: decorator
@inline
function searchFeature(feature: i32, histogram: usize, featureCells: usize, binCount: i32): void {
  const cells = histogram + load<u32>(featureCells + (<usize>feature << 4))
  const missing = load<i64>(histogram + load<u32>(featureCells + (<usize>feature << 4), 4))
  const missingG = i32x4.splat(<i32>(missing >> 32))
  const missingH = i32x4.splat(<i32>missing)
  // Constants of the loop: WebAssembly engines do not hoist what comes from a global.
  const allG = i32x4.splat(totalG)
  const allH = i32x4.splat(totalH)
  const limit = f32x4.splat(<f32>(l1 / inverseG))
  const ridge = f32x4.splat(<f32>(l2 / inverseH))
  const least = f32x4.splat(<f32>(minHessian * 0.999999))
  const inflation = f32x4.splat(1.000001)
  const zero = i64x2.splat(0)
  let carried = zero
  for (let bin: i32 = 0; bin < binCount; bin += 4) {
    const a = v128.load(cells + (<usize>bin << 3))
    let b = v128.load(cells + (<usize>bin << 3), 16)
    // The last cell is that of missing values, not of a bin.
    if (bin + 3 == MISSING_BIN) b = i64x2.replace_lane(b, 1, 0)
    // Empty bins repeat the cut before them. Of the first, missing values alone on the left is a cut of its own.
    if (bin > 0 && !v128.any_true(v128.or(a, b))) continue
    // Prefix sums of two bins each: [carried + a, carried + a + b].
    const first = i64x2.add(carried, i64x2.add(a, i64x2.shuffle(zero, a, 0, 2)))
    const second = i64x2.add(i64x2.shuffle(first, first, 1, 1), i64x2.add(b, i64x2.shuffle(zero, b, 0, 2)))
    carried = i64x2.shuffle(second, second, 1, 1)
    let leftG = i32x4.shuffle(first, second, 1, 3, 5, 7)
    let leftH = i32x4.shuffle(first, second, 0, 2, 4, 6)
    for (let missingLeft: u32 = 0; ; missingLeft++) {
      // Four cuts at once in single precision and integer units; a common denominator compares without division. Few
      // cuts come near the best so far, and only those are scored exactly.
      const hl = f32x4.convert_i32x4_s(leftH)
      const hr = f32x4.convert_i32x4_s(i32x4.sub(allH, leftH))
      const gl = shrunkLanes(leftG, inflation, limit, zero)
      const gr = shrunkLanes(i32x4.sub(allG, leftG), inflation, limit, zero)
      const dl = f32x4.add(hl, ridge)
      const dr = f32x4.add(hr, ridge)
      const numerator = f32x4.add(f32x4.mul(f32x4.mul(gl, gl), dr), f32x4.mul(f32x4.mul(gr, gr), dl))
      const better = f32x4.gt(numerator, f32x4.mul(f32x4.mul(dl, dr), filterScore))
      const take = v128.and(better, f32x4.ge(f32x4.pmin(hl, hr), least))
      if (v128.any_true(take)) offerLanes(take, leftG, leftH, feature, bin, missingLeft)
      if (missingLeft || missing == 0) break
      leftG = i32x4.add(leftG, missingG)
      leftH = i32x4.add(leftH, missingH)
    }
  }
}

function offerLanes(take: v128, leftG: v128, leftH: v128, feature: i32, bin: i32, missingLeft: u32): void {
  const lanes = i32x4.bitmask(take)
  if (lanes & 1) offerExactly(feature, bin, missingLeft, i32x4.extract_lane(leftG, 0), i32x4.extract_lane(leftH, 0))
  if (lanes & 2) offerExactly(feature, bin + 1, missingLeft, i32x4.extract_lane(leftG, 1), i32x4.extract_lane(leftH, 1))
  if (lanes & 4) offerExactly(feature, bin + 2, missingLeft, i32x4.extract_lane(leftG, 2), i32x4.extract_lane(leftH, 2))
  if (lanes & 8) offerExactly(feature, bin + 3, missingLeft, i32x4.extract_lane(leftG, 3), i32x4.extract_lane(leftH, 3))
}

/**
 * The best split of a node over features [firstFeature, endFeature). `binCounts` holds one i32 a feature; features with
 * fewer than one bin are left out. `featureCells` holds four u32 a feature (see finishHistogram). Sums and `leastHessian` are in integer units, below 2^31; `unitG` and `unitH` turn
 * them into real ones. Writes six doubles: score, feature (-1 for none), bin, missing goes left, gradient and hessian
 * sums on the left.
 */
export function findBestSplit(
  histogram: usize,
  firstFeature: u32,
  endFeature: u32,
  binCounts: usize,
  featureCells: usize,
  sumG: f64,
  sumH: f64,
  unitG: f64,
  unitH: f64,
  penalty1: f64,
  penalty2: f64,
  leastHessian: f64,
  out: usize,
): void {
  begin(sumG, sumH, unitG, unitH, penalty1, penalty2, leastHessian)
  for (let feature = firstFeature; feature < endFeature; feature++) {
    const binCount = load<i32>(binCounts + (<usize>feature << 2))
    if (binCount > 0) searchFeature(feature, histogram, featureCells, binCount)
  }
  writeBest(out)
}

/** As findBestSplit, with a result for each feature, 64 bytes apart from `out` on. */
export function findBestSplits(
  histogram: usize,
  featureCount: u32,
  binCounts: usize,
  featureCells: usize,
  sumG: f64,
  sumH: f64,
  unitG: f64,
  unitH: f64,
  penalty1: f64,
  penalty2: f64,
  leastHessian: f64,
  out: usize,
): void {
  for (let feature: u32 = 0; feature < featureCount; feature++) {
    begin(sumG, sumH, unitG, unitH, penalty1, penalty2, leastHessian)
    const binCount = load<i32>(binCounts + (<usize>feature << 2))
    if (binCount > 0) searchFeature(feature, histogram, featureCells, binCount)
    writeBest(out + (<usize>feature << 6))
  }
}

/** Least and greatest value that the leaves below a node may have, where a feature's effect is to be monotone. */
let lowest: f64 = 0
let highest: f64 = 0

// @ts-ignore: decorator
@inline
function boundedValue(g: f64, h: f64): f64 {
  const value = g > 0 ? -shrunk(g) / h : shrunk(g) / h
  return min<f64>(max<f64>(value, lowest), highest)
}

/** Twice what a leaf of this value takes off the loss; T(G)^2 / h where the value is not bounded. */
// @ts-ignore: decorator
@inline
function scoreOf(g: f64, h: f64, value: f64): f64 {
  return -(2 * g * value + h * value * value + 2 * l1 * abs(value))
}

/** As offerExactly, with bounded values that must rise (direction 1) or fall (-1) from left to right. */
function offerBounded(feature: i32, bin: i32, missingLeft: u32, leftG: i32, leftH: i32, direction: i32): void {
  const rightH = totalH - leftH
  if (<f64>min(leftH, rightH) < minHessian) return
  const gl = <f64>leftG * inverseG
  const gr = <f64>(totalG - leftG) * inverseG
  const hl = <f64>leftH * inverseH + l2
  const hr = <f64>rightH * inverseH + l2
  const left = boundedValue(gl, hl)
  const right = boundedValue(gr, hr)
  if ((direction > 0 && left > right) || (direction < 0 && left < right)) return
  offer(scoreOf(gl, hl, left) + scoreOf(gr, hr, right), feature, bin, missingLeft, leftG, leftH)
}

/**
 * As findBestSplit, under limits: at least `minRows` of the node's `totalRows` on either side, where `counts` (256 u32 a
 * feature) is not 0; leaf values within [low, high], rising or falling with a feature by `directions` (one i32 a
 * feature: 1, -1 or 0), where that is not 0. Written for clarity: few nodes need it.
 */
export function findBestSplitLimited(
  histogram: usize,
  firstFeature: u32,
  endFeature: u32,
  binCounts: usize,
  featureCells: usize,
  sumG: f64,
  sumH: f64,
  unitG: f64,
  unitH: f64,
  penalty1: f64,
  penalty2: f64,
  leastHessian: f64,
  counts: usize,
  totalRows: u32,
  minRows: u32,
  directions: usize,
  low: f64,
  high: f64,
  out: usize,
): void {
  begin(sumG, sumH, unitG, unitH, penalty1, penalty2, leastHessian)
  lowest = low
  highest = high
  // Bounds can make every score negative; what a split has to beat then is the node as it is, under the same bounds.
  const nodeG = sumG * unitG
  const nodeH = sumH * unitH + penalty2
  if (nodeH > 0) bestScore = min<f64>(0, scoreOf(nodeG, nodeH, boundedValue(nodeG, nodeH)))
  for (let feature = firstFeature; feature < endFeature; feature++) {
    const binCount = load<i32>(binCounts + (<usize>feature << 2))
    const cells = histogram + load<u32>(featureCells + (<usize>feature << 4))
    const rows = counts + (<usize>feature << 10)
    const direction = directions != 0 ? load<i32>(directions + (<usize>feature << 2)) : 0
    const missing = load<i64>(histogram + load<u32>(featureCells + (<usize>feature << 4), 4))
    const missingRows: u32 = counts != 0 ? load<u32>(rows, MISSING_BIN * 4) : 0
    for (let missingLeft: u32 = 0; missingLeft < 2; missingLeft++) {
      if (missingLeft && missing == 0) break
      let sum: i64 = missingLeft ? missing : 0
      let leftRows = missingLeft ? missingRows : 0
      for (let bin: i32 = 0; bin < binCount; bin++) {
        sum += load<i64>(cells + (<usize>bin << 3))
        if (counts != 0) {
          leftRows += load<u32>(rows + (<usize>bin << 2))
          if (leftRows < minRows || totalRows - leftRows < minRows) continue
        }
        offerBounded(feature, bin, missingLeft, <i32>(sum >> 32), <i32>sum, direction)
      }
    }
  }
  writeBest(out)
}
