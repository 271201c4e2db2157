import { fetchTail, LANE_BYTES, returnTail, wholeBytes } from './lanes'

// @ts-ignore: decorator
@inline
function lionLane(
  parameters: usize,
  gradients: usize,
  momenta: usize,
  scale: v128,
  learningRate: v128,
  keep: v128,
  beta1: v128,
  step1: v128,
  beta2: v128,
  step2: v128,
): void {
  const g = f32x4.mul(v128.load(gradients), scale)
  const m = v128.load(momenta)
  const direction = f32x4.add(f32x4.mul(beta1, m), f32x4.mul(step1, g))
  const zero = f32x4.splat(0)
  const up = v128.and(f32x4.gt(direction, zero), learningRate)
  const down = v128.and(f32x4.lt(direction, zero), learningRate)
  v128.store(parameters, f32x4.sub(f32x4.mul(v128.load(parameters), keep), f32x4.sub(up, down)))
  v128.store(momenta, f32x4.add(f32x4.mul(beta2, m), f32x4.mul(step2, g)))
}

/**
 * Lion (Chen et al. 2023): p = keep * p - learningRate * sign(beta1 * m + step1 * g), then m = beta2 * m + step2 * g,
 * with `keep` 1 - learningRate * weightDecay and steps 1 - beta.
 */
export function lion(
  parameters: usize,
  gradients: usize,
  momenta: usize,
  count: u32,
  gradientScale: f32,
  learningRate: f32,
  keep: f32,
  beta1: f32,
  step1: f32,
  beta2: f32,
  step2: f32,
): void {
  const scale4 = f32x4.splat(gradientScale)
  const rate4 = f32x4.splat(learningRate)
  const keep4 = f32x4.splat(keep)
  const beta14 = f32x4.splat(beta1)
  const step14 = f32x4.splat(step1)
  const beta24 = f32x4.splat(beta2)
  const step24 = f32x4.splat(step2)
  const bytes = wholeBytes(count)
  for (let i: usize = 0; i < bytes; i += LANE_BYTES)
    lionLane(parameters + i, gradients + i, momenta + i, scale4, rate4, keep4, beta14, step14, beta24, step24)
  if ((count & 3) === 0) return
  lionLane(
    fetchTail(0, parameters, count), fetchTail(1, gradients, count), fetchTail(2, momenta, count), scale4, rate4, keep4,
    beta14, step14, beta24, step24,
  )
  returnTail(0, parameters, count)
  returnTail(2, momenta, count)
}
