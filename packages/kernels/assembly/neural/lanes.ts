// Four floats at a time. Kernels take ranges of any length and touch nothing beyond them: the one to three floats at the
// end pass through the first bytes of the memory, which no layout uses.

export const LANE_BYTES: usize = 16

/** Where the tails of up to four ranges lie while they are worked on. */
const TAILS: usize = 64

// @ts-ignore: decorator
@inline
export function tail(range: usize): usize {
  return TAILS + range * LANE_BYTES
}

/** Bytes of the floats that fill whole lanes. */
// @ts-ignore: decorator
@inline
export function wholeBytes(count: u32): usize {
  return <usize>(count & ~3) << 2
}

// @ts-ignore: decorator
@inline
export function tailBytes(count: u32): usize {
  return <usize>(count & 3) << 2
}

/** Brings the floats of a range that follow its whole lanes; the rest of the lane is zero. */
// @ts-ignore: decorator
@inline
export function fetchTail(range: usize, values: usize, count: u32): usize {
  v128.store(tail(range), f32x4.splat(0))
  memory.copy(tail(range), values + wholeBytes(count), tailBytes(count))
  return tail(range)
}

// @ts-ignore: decorator
@inline
export function returnTail(range: usize, values: usize, count: u32): void {
  memory.copy(values + wholeBytes(count), tail(range), tailBytes(count))
}
