import { fetchTail, LANE_BYTES, wholeBytes } from './lanes'

// @ts-ignore: decorator
@inline
function lowSquares(lanes: v128): v128 {
  const wide = f64x2.promote_low_f32x4(lanes)
  return f64x2.mul(wide, wide)
}

// @ts-ignore: decorator
@inline
function highSquares(lanes: v128): v128 {
  return lowSquares(i32x4.shuffle(lanes, lanes, 2, 3, 2, 3))
}

/** Sum of squares in double precision: squares of floats are exact, and the order of the sum is the same always. */
export function sumOfSquares(values: usize, count: u32): f64 {
  let low = f64x2.splat(0)
  let high = f64x2.splat(0)
  const bytes = wholeBytes(count)
  for (let i: usize = 0; i < bytes; i += LANE_BYTES) {
    const lanes = v128.load(values + i)
    low = f64x2.add(low, lowSquares(lanes))
    high = f64x2.add(high, highSquares(lanes))
  }
  const rest = v128.load(fetchTail(0, values, count))
  low = f64x2.add(low, lowSquares(rest))
  high = f64x2.add(high, highSquares(rest))
  const sum = f64x2.add(low, high)
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
}

/** 1 where no value is infinite or not a number, else 0. */
export function allFinite(values: usize, count: u32): u32 {
  const zero = f32x4.splat(0)
  // Zero times a value is zero where it is finite, else not a number, which sums keep.
  let sum = f32x4.mul(v128.load(fetchTail(0, values, count)), zero)
  const bytes = wholeBytes(count)
  for (let i: usize = 0; i < bytes; i += LANE_BYTES) sum = f32x4.add(sum, f32x4.mul(v128.load(values + i), zero))
  return <u32>i32x4.all_true(f32x4.eq(sum, sum))
}
