import { fetchTail, LANE_BYTES, returnTail, wholeBytes } from './lanes'

// @ts-ignore: decorator
@inline
function sgdLane(parameters: usize, gradients: usize, learningRate: v128, l2: v128, scale: v128): void {
  const p = v128.load(parameters)
  const g = f32x4.add(f32x4.mul(v128.load(gradients), scale), f32x4.mul(l2, p))
  v128.store(parameters, f32x4.sub(p, f32x4.mul(learningRate, g)))
}

/** Stochastic gradient descent: p -= learningRate * (gradientScale * g + l2 * p). */
export function sgd(
  parameters: usize,
  gradients: usize,
  count: u32,
  gradientScale: f32,
  learningRate: f32,
  l2: f32,
): void {
  const rate = f32x4.splat(learningRate)
  const decay = f32x4.splat(l2)
  const scale = f32x4.splat(gradientScale)
  const bytes = wholeBytes(count)
  for (let i: usize = 0; i < bytes; i += LANE_BYTES) sgdLane(parameters + i, gradients + i, rate, decay, scale)
  if ((count & 3) === 0) return
  sgdLane(fetchTail(0, parameters, count), fetchTail(1, gradients, count), rate, decay, scale)
  returnTail(0, parameters, count)
}

// @ts-ignore: decorator
@inline
function momentumLane(
  parameters: usize,
  gradients: usize,
  momenta: usize,
  learningRate: v128,
  momentum: v128,
  nesterov: v128,
  l2: v128,
  scale: v128,
): void {
  const p = v128.load(parameters)
  const g = f32x4.add(f32x4.mul(v128.load(gradients), scale), f32x4.mul(l2, p))
  const m = f32x4.add(f32x4.mul(momentum, v128.load(momenta)), g)
  v128.store(momenta, m)
  const ahead = f32x4.add(g, f32x4.mul(momentum, m))
  v128.store(parameters, f32x4.sub(p, f32x4.mul(learningRate, v128.bitselect(ahead, m, nesterov))))
}

/**
 * The same with momentum: m = momentum * m + g, p -= learningRate * m, or with Nesterov's look ahead
 * p -= learningRate * (g + momentum * m) (Sutskever et al. 2013). Momenta start at zero.
 */
export function sgdMomentum(
  parameters: usize,
  gradients: usize,
  momenta: usize,
  count: u32,
  gradientScale: f32,
  learningRate: f32,
  l2: f32,
  momentum: f32,
  nesterov: u32,
): void {
  const rate = f32x4.splat(learningRate)
  const factor = f32x4.splat(momentum)
  const looksAhead = i32x4.splat(nesterov ? -1 : 0)
  const decay = f32x4.splat(l2)
  const scale = f32x4.splat(gradientScale)
  const bytes = wholeBytes(count)
  for (let i: usize = 0; i < bytes; i += LANE_BYTES)
    momentumLane(parameters + i, gradients + i, momenta + i, rate, factor, looksAhead, decay, scale)
  if ((count & 3) === 0) return
  momentumLane(
    fetchTail(0, parameters, count),
    fetchTail(1, gradients, count),
    fetchTail(2, momenta, count),
    rate,
    factor,
    looksAhead,
    decay,
    scale,
  )
  returnTail(0, parameters, count)
  returnTail(2, momenta, count)
}
