// Gradients and hessians of the losses, quantised into records of eight bytes: row u32, hessian u16, gradient i16.
// Integers make every later sum exact, hence independent of the order in which threads add.
import { addLanes, horizontalMax, horizontalSum, lanesBefore } from './math'

// Kinds of objective: squared error; one class against the rest (1); or gradients that were computed before, where
// `predictions` are the gradients and `targets` the hessians.
const SQUARED: u32 = 0
const GIVEN: u32 = 2

// @ts-ignore: decorator
@inline
function gradientLanes(prediction: v128, target: v128, kind: u32, classCode: f32): v128 {
  if (kind == SQUARED) return f32x4.sub(prediction, target)
  if (kind == GIVEN) return prediction
  const isClass = v128.and(f32x4.eq(target, f32x4.splat(classCode)), f32x4.splat(1))
  return f32x4.sub(prediction, isClass)
}

// @ts-ignore: decorator
@inline
function hessianLanes(prediction: v128, target: v128, kind: u32, factor: f32): v128 {
  if (kind == SQUARED) return f32x4.splat(1)
  if (kind == GIVEN) return target
  const variance = f32x4.mul(prediction, f32x4.sub(f32x4.splat(1), prediction))
  return f32x4.pmax(f32x4.splat(1e-16), f32x4.mul(variance, f32x4.splat(factor)))
}

/** Writes four doubles to `out`: max |gradient|, sum |gradient|, max hessian, sum hessian; they set the scale. */
export function gradientStatistics(
  predictions: usize,
  targets: usize,
  weights: usize,
  begin: u32,
  end: u32,
  kind: u32,
  classCode: f32,
  hessianFactor: f32,
  out: usize,
): void {
  let maxG = f32x4.splat(0)
  let maxH = f32x4.splat(0)
  let sumG = f64x2.splat(0)
  let sumH = f64x2.splat(0)
  for (let row = begin; row < end; row += 4) {
    const offset = <usize>row << 2
    const prediction = v128.load(predictions + offset)
    const inside = lanesBefore(row, end)
    const target = v128.load(targets + offset)
    let g = v128.and(f32x4.abs(gradientLanes(prediction, target, kind, classCode)), inside)
    let h = v128.and(hessianLanes(prediction, target, kind, hessianFactor), inside)
    if (weights != 0) {
      const weight = v128.load(weights + offset)
      g = f32x4.mul(g, weight)
      h = f32x4.mul(h, weight)
    }
    maxG = f32x4.pmax(maxG, g)
    maxH = f32x4.pmax(maxH, h)
    sumG = addLanes(sumG, g)
    sumH = addLanes(sumH, h)
  }
  store<f64>(out, <f64>horizontalMax(maxG))
  store<f64>(out, horizontalSum(sumG), 8)
  store<f64>(out, <f64>horizontalMax(maxH), 16)
  store<f64>(out, horizontalSum(sumH), 24)
}

/** Four random words from four row numbers: the same for a row whichever thread asks. */
// @ts-ignore: decorator
@inline
function hashLanes(rows: v128, seed: u32): v128 {
  let x = i32x4.add(i32x4.mul(rows, i32x4.splat(<i32>0x9e3779b1)), i32x4.splat(<i32>seed))
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 15)), i32x4.splat(<i32>0x85ebca77))
  x = i32x4.mul(v128.xor(x, i32x4.shr_u(x, 13)), i32x4.splat(<i32>0xc2b2ae3d))
  return v128.xor(x, i32x4.shr_u(x, 16))
}

/**
 * Writes one record a row. With `noise` 0 rounding is to the nearest; with 1 it is stochastic (up with the probability
 * of the fraction), so that sums are unbiased however few levels a scale leaves. The coin is a hash of row and seed.
 */
export function quantiseGradients(
  predictions: usize,
  targets: usize,
  weights: usize,
  begin: u32,
  end: u32,
  kind: u32,
  classCode: f32,
  hessianFactor: f32,
  gradientScale: f32,
  hessianScale: f32,
  noise: f32,
  seed: u32,
  records: usize,
): void {
  // floor(x + 1/2 + noise * (u - 1/2)) with u uniform in [0, 1)
  const unit = f32x4.splat(noise / 65536)
  const middle = f32x4.splat((1 - noise) / 2)
  const lowHalf = i32x4.splat(0xffff)
  let rows = i32x4.add(i32x4.splat(<i32>begin), i32x4(0, 1, 2, 3))
  for (let row = begin; row < end; row += 4) {
    const offset = <usize>row << 2
    const prediction = v128.load(predictions + offset)
    const target = v128.load(targets + offset)
    let g = f32x4.mul(gradientLanes(prediction, target, kind, classCode), f32x4.splat(gradientScale))
    let h = f32x4.mul(hessianLanes(prediction, target, kind, hessianFactor), f32x4.splat(hessianScale))
    if (weights != 0) {
      const weight = v128.load(weights + offset)
      g = f32x4.mul(g, weight)
      h = f32x4.mul(h, weight)
    }
    const coin = hashLanes(rows, seed)
    const coinG = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(coin, 16)), unit), middle)
    const coinH = f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(v128.and(coin, lowHalf)), unit), middle)
    const gq = i32x4.trunc_sat_f32x4_s(f32x4.floor(f32x4.add(g, coinG)))
    const hq = i32x4.trunc_sat_f32x4_s(f32x4.floor(f32x4.add(h, coinH)))
    const packed = v128.or(i32x4.shl(gq, 16), hq)
    v128.store(records + (<usize>row << 3), i32x4.shuffle(rows, packed, 0, 4, 1, 5))
    v128.store(records + (<usize>row << 3), i32x4.shuffle(rows, packed, 2, 6, 3, 7), 16)
    rows = i32x4.add(rows, i32x4.splat(4))
  }
}

/**
 * Moves the records of a random sample of rows to the front and the others behind them, both in order.
 * A row is in the sample where the hash of its number and `seed` is below `threshold`. Returns the sample's size.
 */
export function separateSample(records: usize, count: u32, scratch: usize, seed: u32, threshold: u32): u32 {
  let kept = records
  let dropped = scratch
  const end = records + (<usize>count << 3)
  for (let at = records; at < end; at += 8) {
    const record = load<u64>(at)
    const coin = <u32>i32x4.extract_lane(hashLanes(i32x4.splat(<i32>record), seed), 0)
    const drop = <usize>(coin >= threshold) << 3
    store<u64>(kept, record)
    store<u64>(dropped, record)
    kept += 8 - drop
    dropped += drop
  }
  memory.copy(kept, scratch, dropped - scratch)
  return <u32>((kept - records) >> 3)
}

/** Exact gradient and hessian sums of the rows of one leaf, as two doubles at `out`. */
export function leafGradientSums(
  records: usize,
  count: u32,
  predictions: usize,
  targets: usize,
  weights: usize,
  kind: u32,
  classCode: f32,
  hessianFactor: f32,
  out: usize,
): void {
  let sumG: f64 = 0
  let sumH: f64 = 0
  for (let i: u32 = 0; i < count; i++) {
    const offset = <usize>load<u32>(records + (<usize>i << 3)) << 2
    const prediction = load<f32>(predictions + offset)
    const target = load<f32>(targets + offset)
    const weight: f32 = weights != 0 ? load<f32>(weights + offset) : 1
    if (kind == SQUARED) {
      sumG += <f64>((prediction - target) * weight)
      sumH += <f64>weight
    } else if (kind == GIVEN) {
      sumG += <f64>prediction
      sumH += <f64>target
    } else {
      sumG += <f64>((prediction - <f32>(target == classCode)) * weight)
      sumH += <f64>(max<f32>(prediction * (1 - prediction) * hessianFactor, 1e-16) * weight)
    }
  }
  store<f64>(out, sumG)
  store<f64>(out, sumH, 8)
}
