import { fetchTail, LANE_BYTES, returnTail, wholeBytes } from './lanes'

/** values *= factor */
export function scale(values: usize, count: u32, factor: f32): void {
  const factor4 = f32x4.splat(factor)
  const bytes = wholeBytes(count)
  for (let i: usize = 0; i < bytes; i += LANE_BYTES) v128.store(values + i, f32x4.mul(v128.load(values + i), factor4))
  if ((count & 3) === 0) return
  const at = fetchTail(0, values, count)
  v128.store(at, f32x4.mul(v128.load(at), factor4))
  returnTail(0, values, count)
}

// @ts-ignore: decorator
@inline
function addLane(target: usize, source: usize, factor: v128): void {
  v128.store(target, f32x4.add(v128.load(target), f32x4.mul(factor, v128.load(source))))
}

/** target += factor * source */
export function addScaled(target: usize, source: usize, count: u32, factor: f32): void {
  const factor4 = f32x4.splat(factor)
  const bytes = wholeBytes(count)
  for (let i: usize = 0; i < bytes; i += LANE_BYTES) addLane(target + i, source + i, factor4)
  if ((count & 3) === 0) return
  addLane(fetchTail(0, target, count), fetchTail(1, source, count), factor4)
  returnTail(0, target, count)
}

// @ts-ignore: decorator
@inline
function moveLane(target: usize, source: usize, weight: v128): void {
  const t = v128.load(target)
  v128.store(target, f32x4.add(t, f32x4.mul(weight, f32x4.sub(v128.load(source), t))))
}

/** target += weight * (source - target): a running average moves towards new values. */
export function moveTowards(target: usize, source: usize, count: u32, weight: f32): void {
  const weight4 = f32x4.splat(weight)
  const bytes = wholeBytes(count)
  for (let i: usize = 0; i < bytes; i += LANE_BYTES) moveLane(target + i, source + i, weight4)
  if ((count & 3) === 0) return
  moveLane(fetchTail(0, target, count), fetchTail(1, source, count), weight4)
  returnTail(0, target, count)
}

// @ts-ignore: decorator
@inline
function clampLane(values: usize, low: v128, high: v128): void {
  v128.store(values, f32x4.min(f32x4.max(v128.load(values), low), high))
}

/** Brings values into [-limit, limit]; what is not a number stays so. */
export function clamp(values: usize, count: u32, limit: f32): void {
  const high = f32x4.splat(limit)
  const low = f32x4.neg(high)
  const bytes = wholeBytes(count)
  for (let i: usize = 0; i < bytes; i += LANE_BYTES) clampLane(values + i, low, high)
  if ((count & 3) === 0) return
  clampLane(fetchTail(0, values, count), low, high)
  returnTail(0, values, count)
}

/** target = source, which may overlap. */
export function copyFloats(target: usize, source: usize, count: u32): void {
  memory.copy(target, source, <usize>count << 2)
}
