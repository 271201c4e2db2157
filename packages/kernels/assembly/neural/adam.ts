import { fetchTail, LANE_BYTES, returnTail, wholeBytes } from './lanes'

// @ts-ignore: decorator
@inline
function adamLane(
  parameters: usize,
  gradients: usize,
  means: usize,
  squares: usize,
  scale: v128,
  l2: v128,
  keep: v128,
  beta1: v128,
  step1: v128,
  beta2: v128,
  step2: v128,
  stepSize: v128,
  epsilon: v128,
): void {
  const p = v128.load(parameters)
  const g = f32x4.add(f32x4.mul(v128.load(gradients), scale), f32x4.mul(l2, p))
  const mean = f32x4.add(f32x4.mul(beta1, v128.load(means)), f32x4.mul(step1, g))
  v128.store(means, mean)
  const square = f32x4.add(f32x4.mul(beta2, v128.load(squares)), f32x4.mul(f32x4.mul(step2, g), g))
  v128.store(squares, square)
  const change = f32x4.div(f32x4.mul(stepSize, mean), f32x4.add(f32x4.sqrt(square), epsilon))
  v128.store(parameters, f32x4.sub(f32x4.mul(p, keep), change))
}

/**
 * Adam (Kingma and Ba 2015) with weight decay as a penalty (`l2`) or decoupled (Loshchilov and Hutter 2019: `keep` is
 * 1 - learningRate * weightDecay). Steps are 1 - beta. With c = sqrt(1 - beta2^t), which corrects the mean square's start at
 * zero, `stepSize` is c * learningRate / (1 - beta1^t), and `epsilon` c times that of the definition.
 */
export function adam(
  parameters: usize,
  gradients: usize,
  means: usize,
  squares: usize,
  count: u32,
  gradientScale: f32,
  l2: f32,
  keep: f32,
  beta1: f32,
  step1: f32,
  beta2: f32,
  step2: f32,
  stepSize: f32,
  epsilon: f32,
): void {
  const scale4 = f32x4.splat(gradientScale)
  const l24 = f32x4.splat(l2)
  const keep4 = f32x4.splat(keep)
  const beta14 = f32x4.splat(beta1)
  const step14 = f32x4.splat(step1)
  const beta24 = f32x4.splat(beta2)
  const step24 = f32x4.splat(step2)
  const stepSize4 = f32x4.splat(stepSize)
  const epsilon4 = f32x4.splat(epsilon)
  const bytes = wholeBytes(count)
  for (let i: usize = 0; i < bytes; i += LANE_BYTES)
    adamLane(
      parameters + i, gradients + i, means + i, squares + i, scale4, l24, keep4, beta14, step14, beta24, step24,
      stepSize4, epsilon4,
    )
  if ((count & 3) === 0) return
  adamLane(
    fetchTail(0, parameters, count), fetchTail(1, gradients, count), fetchTail(2, means, count),
    fetchTail(3, squares, count), scale4, l24, keep4, beta14, step14, beta24, step24, stepSize4, epsilon4,
  )
  returnTail(0, parameters, count)
  returnTail(2, means, count)
  returnTail(3, squares, count)
}
