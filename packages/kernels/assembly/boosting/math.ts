// Four-lane exp and log after Cephes (Moshier): relative error below 2e-7, which float scores cannot tell apart.

// @ts-ignore: decorator
@inline
export function exp4(x: v128): v128 {
  x = f32x4.pmax(f32x4.splat(-87.0), f32x4.pmin(f32x4.splat(88.0), x))
  const exponent = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504)))
  // ln 2 in two parts keeps the reduced argument exact.
  let r = f32x4.sub(x, f32x4.mul(exponent, f32x4.splat(0.693359375)))
  r = f32x4.sub(r, f32x4.mul(exponent, f32x4.splat(-2.1219444e-4)))
  let p = f32x4.splat(1.98756915e-4)
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1))
  p = f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), f32x4.add(r, f32x4.splat(1)))
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(exponent), i32x4.splat(127)), 23)
  return f32x4.mul(p, power)
}

/** Natural logarithm of positive normal floats. */
// @ts-ignore: decorator
@inline
export function log4(x: v128): v128 {
  // x = m * 2^e with m in [sqrt(1/2), sqrt(2))
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_u(x, 23), i32x4.splat(126)))
  let m = v128.or(v128.and(x, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000))
  const small = f32x4.lt(m, f32x4.splat(0.70710678))
  e = f32x4.sub(e, v128.and(small, f32x4.splat(1)))
  m = f32x4.sub(f32x4.add(m, v128.and(small, m)), f32x4.splat(1))
  const z = f32x4.mul(m, m)
  let p = f32x4.splat(7.0376836292e-2)
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.151461031e-1))
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.1676998740e-1))
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.2420140846e-1))
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(1.4249322787e-1))
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-1.6668057665e-1))
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(2.0000714765e-1))
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(-2.4999993993e-1))
  p = f32x4.add(f32x4.mul(p, m), f32x4.splat(3.3333331174e-1))
  p = f32x4.mul(f32x4.mul(p, m), z)
  p = f32x4.add(p, f32x4.mul(e, f32x4.splat(-2.12194440e-4)))
  p = f32x4.sub(p, f32x4.mul(z, f32x4.splat(0.5)))
  return f32x4.add(f32x4.add(m, p), f32x4.mul(e, f32x4.splat(0.693359375)))
}

/** All bits set in the lanes that hold rows before `end`; arrays are padded to four, and padding must not count. */
// @ts-ignore: decorator
@inline
export function lanesBefore(row: u32, end: u32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(<i32>(end - row)))
}

// @ts-ignore: decorator
@inline
export function addLanes(sum: v128, lanes: v128): v128 {
  const low = f64x2.promote_low_f32x4(lanes)
  const high = f64x2.promote_low_f32x4(i32x4.shuffle(lanes, lanes, 2, 3, 2, 3))
  return f64x2.add(sum, f64x2.add(low, high))
}

// @ts-ignore: decorator
@inline
export function horizontalSum(sum: v128): f64 {
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
}

// @ts-ignore: decorator
@inline
export function horizontalMax(lanes: v128): f32 {
  const pair = f32x4.max(lanes, i32x4.shuffle(lanes, lanes, 2, 3, 2, 3))
  return max(f32x4.extract_lane(pair, 0), f32x4.extract_lane(pair, 1))
}
