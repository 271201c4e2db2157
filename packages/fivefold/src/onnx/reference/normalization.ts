import { floatAttribute, intAttribute } from '../graph/attribute.ts'
import { frontAxis } from '../operators/dimensions.ts'
import { type ElementType, elementCount, type TensorLiteral } from '../tensor.ts'
import { fromNumbers, numbersOf } from './element-values.ts'
import { inputAt, type Kernel, type KernelCall } from './kernel.ts'
import { average, mapGroups, overGroups, sum, sumOfSquares } from './reductions.ts'
import { type AxisGroups, broadcastPositions, groupAlong } from './strided-positions.ts'

const epsilonOf = (call: KernelCall): number => floatAttribute(call.attributes, 'epsilon', 1e-5)

interface Moments {
  readonly mean: number
  readonly variance: number
}

function momentsOf(values: readonly number[]): Moments {
  const mean = average(values)
  return { mean, variance: sumOfSquares(values.map((value) => value - mean)) / values.length }
}

/** x normalised group by group with the given moments, then scaled and shifted by what its place says. */
function normalised(
  x: TensorLiteral,
  groups: AxisGroups,
  moments: readonly Moments[],
  epsilon: number,
  affine: (position: number) => readonly [scale: number, shift: number],
): TensorLiteral {
  const values = numbersOf(x)
  const result = new Float64Array(values.length)
  groups.outer.forEach((start, group) => {
    const { mean, variance } = moments[group]!
    for (const step of groups.inner) {
      const [scale, shift] = affine(start + step)
      result[start + step] = ((values[start + step]! - mean) / Math.sqrt(variance + epsilon)) * scale + shift
    }
  })
  return fromNumbers(x.type, x.shape, result)
}

/**
 * batch_norm(x, scale, shift, mean, variance). In training the batch's own moments normalise, and the second and third output
 * are running = running * momentum + batch * (1 - momentum), with the variance over all values, not one fewer.
 */
export const batchNormalization: Kernel = (call) => {
  const [x, scale, shift] = [inputAt(call, 0), inputAt(call, 1), inputAt(call, 2)]
  const [runningMean, runningVariance] = [inputAt(call, 3), inputAt(call, 4)]
  const [factors, shifts] = [numbersOf(scale), numbersOf(shift)]
  const channels = x.shape[1] ?? 1
  const perChannel = elementCount(x.shape.slice(2))
  const groups = groupAlong(
    x.shape,
    [...x.shape.keys()].filter((axis) => axis !== 1),
  )
  const isTraining = intAttribute(call.attributes, 'training_mode', 0) === 1
  const [means, variances] = [numbersOf(runningMean), numbersOf(runningVariance)]
  const moments = isTraining
    ? overGroups(groups, numbersOf(x), momentsOf)
    : Array.from(means, (mean, c) => ({ mean, variance: variances[c]! }))
  const channelOf = (position: number): number => Math.floor(position / perChannel) % channels
  const y = normalised(x, groups, moments, epsilonOf(call), (at) => [factors[channelOf(at)]!, shifts[channelOf(at)]!])
  if (!isTraining) return [y]
  const momentum = floatAttribute(call.attributes, 'momentum', 0.9)
  const mix = (running: number, batch: number): number => running * momentum + batch * (1 - momentum)
  return [
    y,
    fromNumbers(
      runningMean.type,
      runningMean.shape,
      moments.map(({ mean }, c) => mix(means[c]!, mean)),
    ),
    fromNumbers(
      runningVariance.type,
      runningVariance.shape,
      moments.map(({ variance }, c) => mix(variances[c]!, variance)),
    ),
  ]
}

/** Each channel of each sample by its own moments. */
export const instanceNormalization: Kernel = (call) => {
  const x = inputAt(call, 0)
  const groups = groupAlong(x.shape, [...x.shape.keys()].slice(2))
  return [normalised(x, groups, overGroups(groups, numbersOf(x), momentsOf), epsilonOf(call), perChannel(call, x))]
}

const perChannel = (call: KernelCall, x: TensorLiteral): ((position: number) => readonly [number, number]) => {
  const [scale, shift] = [numbersOf(inputAt(call, 1)), numbersOf(inputAt(call, 2))]
  const size = elementCount(x.shape.slice(2))
  return (at) => [scale[Math.floor(at / size) % x.shape[1]!]!, shift[Math.floor(at / size) % x.shape[1]!]!]
}

/** Groups of channels by their moments. Scale and shift are one a channel since opset 21, one a group before. */
export const groupNormalization: Kernel = (call) => {
  const x = inputAt(call, 0)
  const groupCount = intAttribute(call.attributes, 'num_groups', 1)
  const [batch, channels] = x.shape as [number, number]
  const size = elementCount(x.shape.slice(1)) / groupCount
  const grouped = groupAlong([batch * groupCount, size], [1])
  const moments = overGroups(grouped, numbersOf(x), momentsOf)
  if (call.opset >= 21) return [normalised(x, grouped, moments, epsilonOf(call), perChannel(call, x))]
  const [scale, shift] = [numbersOf(inputAt(call, 1)), numbersOf(inputAt(call, 2))]
  const groupOf = (at: number): number =>
    Math.floor(at / (elementCount(x.shape.slice(2)) * (channels / groupCount))) % groupCount
  return [normalised(x, grouped, moments, epsilonOf(call), (at) => [scale[groupOf(at)]!, shift[groupOf(at)]!])]
}

/** layer_norm(x, scale, shift?) over the axes from `axis` on; also the mean and 1 / standard deviation of each group. */
export const layerNormalization: Kernel = (call) => layerNorm(call, inputAt(call, 0), inputAt(call, 1), call.inputs[2])

export function layerNorm(
  call: KernelCall,
  x: TensorLiteral,
  scale: TensorLiteral,
  shift: TensorLiteral | undefined,
): TensorLiteral[] {
  const axis = frontAxis(intAttribute(call.attributes, 'axis', -1), x.shape.length)
  const axes = [...x.shape.keys()].slice(axis)
  const groups = groupAlong(x.shape, axes)
  const moments = overGroups(groups, numbersOf(x), momentsOf)
  const factor = broadcastValues(scale, x.shape)
  const added = shift && broadcastValues(shift, x.shape)
  const y = normalised(x, groups, moments, epsilonOf(call), (at) => [factor(at), added?.(at) ?? 0])
  const shape = x.shape.map((size, i) => (i < axis ? size : 1))
  const type: ElementType = x.type === 'float16' ? 'float' : x.type
  const deviations = moments.map(({ variance }) => 1 / Math.sqrt(variance + epsilonOf(call)))
  return [
    y,
    fromNumbers(
      type,
      shape,
      moments.map(({ mean }) => mean),
    ),
    fromNumbers(type, shape, deviations),
  ]
}

function broadcastValues(tensor: TensorLiteral, shape: readonly number[]): (position: number) => number {
  const values = numbersOf(tensor)
  const positions = broadcastPositions(tensor.shape, shape)
  return (at) => values[positions[at]!]!
}

/** x over its root mean square, scaled; also 1 / root mean square of each group. Zhang and Sennrich, 2019. */
export const rmsNormalization: Kernel = (call) => {
  const [x, scale] = [inputAt(call, 0), inputAt(call, 1)]
  const axis = frontAxis(intAttribute(call.attributes, 'axis', -1), x.shape.length)
  const groups = groupAlong(x.shape, [...x.shape.keys()].slice(axis))
  const meanSquares = overGroups(groups, numbersOf(x), (values) => sumOfSquares(values) / values.length)
  const factor = broadcastValues(scale, x.shape)
  const moments = meanSquares.map((variance) => ({ mean: 0, variance }))
  const y = normalised(x, groups, moments, epsilonOf(call), (at) => [factor(at), 0])
  const inverse = meanSquares.map((square) => 1 / Math.sqrt(square + epsilonOf(call)))
  return [
    y,
    fromNumbers(
      x.type,
      x.shape.map((size, i) => (i < axis ? size : 1)),
      inverse,
    ),
  ]
}

/** Each group along an axis over its sum of absolute values (p=1) or its length (p=2). */
export const lpNormalization: Kernel = (call) => {
  const x = inputAt(call, 0)
  const axis = frontAxis(intAttribute(call.attributes, 'axis', -1), x.shape.length)
  const isL1 = intAttribute(call.attributes, 'p', 2) === 1
  const normOf = (values: readonly number[]): number =>
    isL1 ? sum(values.map(Math.abs)) : Math.sqrt(sumOfSquares(values))
  return [
    mapGroups(x, [axis], (members) => {
      const norm = normOf(members)
      return members.map((value) => (norm === 0 ? 0 : value / norm))
    }),
  ]
}
