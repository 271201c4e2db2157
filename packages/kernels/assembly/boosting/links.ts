// Links: from scores to predictions, and the loss of those predictions on the way, since both need the exponential.
// Ranges begin at a multiple of four; arrays are padded to a multiple of four rows. `weights` 0 means all ones.
import { addLanes, exp4, horizontalSum, lanesBefore, log4 } from './math'

// @ts-ignore: decorator
@inline
function weighted(loss: v128, weights: usize, row: u32, end: u32): v128 {
  if (weights != 0) loss = f32x4.mul(loss, v128.load(weights + (<usize>row << 2)))
  return v128.and(loss, lanesBefore(row, end))
}

/** Factors of at most 2 that a float holds the product of. */
const PRODUCT_LENGTH: u32 = 64

/** Probability of class 1 from log-odds; returns the sum of weighted log losses. Targets are 0 or 1. */
export function logisticLink(
  scores: usize,
  targets: usize,
  weights: usize,
  begin: u32,
  end: u32,
  probabilities: usize,
): f64 {
  const one = f32x4.splat(1)
  const zero = f32x4.splat(0)
  let sum = f64x2.splat(0)
  // Without weights logarithms are taken of products: one for many rows.
  let product = one
  let factors: u32 = 0
  for (let row = begin; row < end; row += 4) {
    const offset = <usize>row << 2
    const score = v128.load(scores + offset)
    // exp of a negative argument never overflows; both tails follow from it.
    const tail = exp4(f32x4.neg(f32x4.abs(score)))
    const whole = f32x4.add(one, tail)
    const positive = f32x4.ge(score, zero)
    v128.store(probabilities + offset, f32x4.div(v128.bitselect(one, tail, positive), whole))
    const isOne = f32x4.eq(v128.load(targets + offset), one)
    const margin = v128.bitselect(score, f32x4.neg(score), isOne)
    const missed = f32x4.pmax(zero, f32x4.neg(margin))
    if (weights != 0) {
      sum = addLanes(sum, weighted(f32x4.add(log4(whole), missed), weights, row, end))
      continue
    }
    const inside = lanesBefore(row, end)
    sum = addLanes(sum, v128.and(missed, inside))
    product = f32x4.mul(product, v128.bitselect(whole, one, inside))
    if (++factors == PRODUCT_LENGTH) {
      sum = addLanes(sum, log4(product))
      product = one
      factors = 0
    }
  }
  return horizontalSum(addLanes(sum, log4(product)))
}

/**
 * Class probabilities from one score a class, classes `strideBytes` apart; returns the sum of weighted log losses.
 * Targets are class codes.
 */
export function softmaxLink(
  scores: usize,
  strideBytes: u32,
  classCount: u32,
  targets: usize,
  weights: usize,
  begin: u32,
  end: u32,
  probabilities: usize,
): f64 {
  let sum = f64x2.splat(0)
  for (let row = begin; row < end; row += 4) {
    const offset = <usize>row << 2
    let top = v128.load(scores + offset)
    for (let c: u32 = 1; c < classCount; c++) top = f32x4.pmax(top, v128.load(scores + offset + <usize>c * strideBytes))
    const target = v128.load(targets + offset)
    let whole = f32x4.splat(0)
    let scoreOfTarget = f32x4.splat(0)
    for (let c: u32 = 0; c < classCount; c++) {
      const shifted = f32x4.sub(v128.load(scores + offset + <usize>c * strideBytes), top)
      const power = exp4(shifted)
      whole = f32x4.add(whole, power)
      v128.store(probabilities + offset + <usize>c * strideBytes, power)
      scoreOfTarget = v128.bitselect(shifted, scoreOfTarget, f32x4.eq(target, f32x4.splat(<f32>c)))
    }
    for (let c: u32 = 0; c < classCount; c++) {
      const at = probabilities + offset + <usize>c * strideBytes
      v128.store(at, f32x4.div(v128.load(at), whole))
    }
    sum = addLanes(sum, weighted(f32x4.sub(log4(whole), scoreOfTarget), weights, row, end))
  }
  return horizontalSum(sum)
}

/** Sum of weighted squared errors; for regression the score is the prediction. */
export function squaredLoss(scores: usize, targets: usize, weights: usize, begin: u32, end: u32): f64 {
  let sum = f64x2.splat(0)
  for (let row = begin; row < end; row += 4) {
    const error = f32x4.sub(v128.load(scores + (<usize>row << 2)), v128.load(targets + (<usize>row << 2)))
    sum = addLanes(sum, weighted(f32x4.mul(error, error), weights, row, end))
  }
  return horizontalSum(sum)
}
