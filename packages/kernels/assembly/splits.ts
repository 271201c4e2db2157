// Split search: prefix sums over the bins of a feature, gain of every cut, missing values tried on both sides.
//
// The gain is score(left) + score(right) with score = T(G)^2 / (H + l2), T(G) = max(|G| - l1, 0)
// (Chen and Guestrin, 2016). With a common denominator two candidates compare by multiplication, so that the division
// is paid only where a new best is found. Sums are exact integers; gains are doubles.

const FEATURE_BYTES: usize = 256 * 8
const MISSING_BIN_OFFSET: usize = 255 * 8

let bestScore: f64 = 0
let bestFeature: i32 = -1
let bestBin: i32 = 0
let bestMissingLeft: u32 = 0
let bestLeftG: f64 = 0
let bestLeftH: f64 = 0

function reset(): void {
  bestScore = 0
  bestFeature = -1
}

// @ts-ignore: decorator
@inline
function offer(score: f64, feature: i32, bin: i32, missingLeft: u32, leftG: f64, leftH: f64): void {
  if (score > bestScore) {
    bestScore = score
    bestFeature = feature
    bestBin = bin
    bestMissingLeft = missingLeft
    bestLeftG = leftG
    bestLeftH = leftH
  }
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
function squaredShrunk(g: v128, l1: v128): v128 {
  const t = f64x2.max(f64x2.sub(f64x2.abs(g), l1), f64x2.splat(0))
  return f64x2.mul(t, t)
}

/**
 * The best split of a node over features [firstFeature, endFeature). `binCounts` holds one i32 a feature; features with
 * fewer than one bin are left out. Totals and `minHessian` are in integer units, inverse scales turn them into real
 * ones. Writes six doubles: score, feature (-1 for none), bin, missing goes left, gradient and hessian sums on the left.
 */
export function findBestSplit(
  histogram: usize,
  firstFeature: u32,
  endFeature: u32,
  binCounts: usize,
  totalG: f64,
  totalH: f64,
  inverseG: f64,
  inverseH: f64,
  l1: f64,
  l2: f64,
  minHessian: f64,
  out: usize,
): void {
  reset()
  for (let feature = firstFeature; feature < endFeature; feature++) {
    const binCount = load<i32>(binCounts + (<usize>feature << 2))
    if (binCount < 1) continue
    const cells = histogram + <usize>feature * FEATURE_BYTES
    const missing = load<i64>(cells, MISSING_BIN_OFFSET)
    for (let missingLeft: u32 = 0; missingLeft < 2; missingLeft++) {
      if (missingLeft && missing == 0) break
      let carried = i64x2.splat(missingLeft ? missing : 0)
      for (let bin: i32 = 0; bin < binCount; bin += 2) {
        // Prefix sums of two bins: [carried + a, carried + a + b].
        const pair = v128.load(cells + (<usize>bin << 3))
        const shifted = i64x2.shuffle(i64x2.splat(0), pair, 0, 2)
        const prefix = i64x2.add(carried, i64x2.add(pair, shifted))
        carried = i64x2.shuffle(prefix, prefix, 1, 1)
        const leftG = f64x2.convert_low_i32x4_s(i32x4.shuffle(prefix, prefix, 1, 3, 1, 3))
        const leftH = f64x2.convert_low_i32x4_u(i32x4.shuffle(prefix, prefix, 0, 2, 0, 2))
        const rightH = f64x2.sub(f64x2.splat(totalH), leftH)
        const smaller = f64x2.min(leftH, rightH)
        const allowed = f64x2.ge(smaller, f64x2.splat(minHessian))
        if (!v128.any_true(allowed)) continue
        const gl = f64x2.mul(leftG, f64x2.splat(inverseG))
        const gr = f64x2.mul(f64x2.sub(f64x2.splat(totalG), leftG), f64x2.splat(inverseG))
        const hl = f64x2.add(f64x2.mul(leftH, f64x2.splat(inverseH)), f64x2.splat(l2))
        const hr = f64x2.add(f64x2.mul(rightH, f64x2.splat(inverseH)), f64x2.splat(l2))
        const scoreL = f64x2.mul(squaredShrunk(gl, f64x2.splat(l1)), hr)
        const scoreR = f64x2.mul(squaredShrunk(gr, f64x2.splat(l1)), hl)
        const numerator = f64x2.add(scoreL, scoreR)
        const denominator = f64x2.mul(hl, hr)
        const better = f64x2.gt(numerator, f64x2.mul(f64x2.splat(bestScore), denominator))
        const take = v128.and(allowed, better)
        if (!v128.any_true(take)) continue
        const score = v128.and(f64x2.div(numerator, denominator), take)
        offer(
          f64x2.extract_lane(score, 0),
          feature,
          bin,
          missingLeft,
          f64x2.extract_lane(leftG, 0),
          f64x2.extract_lane(leftH, 0),
        )
        offer(
          f64x2.extract_lane(score, 1),
          feature,
          bin + 1,
          missingLeft,
          f64x2.extract_lane(leftG, 1),
          f64x2.extract_lane(leftH, 1),
        )
      }
    }
  }
  writeBest(out)
}

// @ts-ignore: decorator
@inline
function score(g: f64, h: f64, l1: f64): f64 {
  const t = max<f64>(abs(g) - l1, 0)
  return (t * t) / h
}

/**
 * As findBestSplit, with at least `minRows` of the node's `totalRows` on either side; `counts` are 256 u32 a feature.
 * Needed only where the unconstrained best split leaves too few rows, so it is written for clarity.
 */
export function findBestSplitCounted(
  histogram: usize,
  firstFeature: u32,
  endFeature: u32,
  binCounts: usize,
  totalG: f64,
  totalH: f64,
  inverseG: f64,
  inverseH: f64,
  l1: f64,
  l2: f64,
  minHessian: f64,
  counts: usize,
  totalRows: u32,
  minRows: u32,
  out: usize,
): void {
  reset()
  for (let feature = firstFeature; feature < endFeature; feature++) {
    const binCount = load<i32>(binCounts + (<usize>feature << 2))
    const cells = histogram + <usize>feature * FEATURE_BYTES
    const rows = counts + (<usize>feature << 10)
    const missingRows = load<u32>(rows, 255 * 4)
    for (let missingLeft: u32 = 0; missingLeft < 2; missingLeft++) {
      if (missingLeft && missingRows == 0) break
      let sum: i64 = missingLeft ? load<i64>(cells, MISSING_BIN_OFFSET) : 0
      let leftRows = missingLeft ? missingRows : 0
      for (let bin: i32 = 0; bin < binCount; bin++) {
        sum += load<i64>(cells + (<usize>bin << 3))
        leftRows += load<u32>(rows + (<usize>bin << 2))
        if (leftRows < minRows || totalRows - leftRows < minRows) continue
        const leftG = <f64>(<i32>(sum >> 32))
        const leftH = <f64>(<u32>sum)
        if (min<f64>(leftH, totalH - leftH) < minHessian) continue
        const left = score(leftG * inverseG, leftH * inverseH + l2, l1)
        const right = score((totalG - leftG) * inverseG, (totalH - leftH) * inverseH + l2, l1)
        offer(left + right, feature, bin, missingLeft, leftG, leftH)
      }
    }
  }
  writeBest(out)
}
