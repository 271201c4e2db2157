import { FivefoldError } from '../../../core/index.ts'
import { floatAttribute, intAttribute } from '../../graph/attribute.ts'
import { axesFrom, type Operations } from '../../graph/operations.ts'
import { fixedShape, type TypedNode, type TypedValue } from '../../graph/typed-value.ts'
import { frontAxis } from '../../operators/dimensions.ts'
import { elementCount } from '../../tensor.ts'
import type { GradientCall, GradientRule, Rewrite, RewriteCall, Rewritten } from '../gradient-rule.ts'
import { channelSums } from './convolution.ts'

const epsilonOf = (node: TypedNode): number => floatAttribute(node.attributes, 'epsilon', 1e-5)

/** Means and deviations are outputs for the backward pass: a loss over them is refused rather than half differentiated. */
function refuseStatistics(node: TypedNode, gradients: readonly (TypedValue | undefined)[]): void {
  if (gradients.every((gradient) => gradient === undefined)) return
  throw new FivefoldError(
    'GRAPH_UNSUPPORTED',
    `node '${node.name}': the loss depends on the statistics of ${node.op}, which have no gradient: compute them with ReduceMean`,
  )
}

/**
 * Ba, Kiros & Hinton 2016. With xh = (x - mean) / deviation and g = dy scale:
 * dx = (g - mean(g) - xh mean(g xh)) / deviation.
 */
export const layerNormalization: Rewrite = ({ node, graph }) => {
  const [y, mean, inverse] = graph.nodeWithOutputs('LayerNormalization', 3, node.inputs, node.attributes)
  return { outputs: [y, mean, inverse], gradient: layerNormGradient(mean!, inverse!) }
}

const layerNormGradient =
  (mean: TypedValue, inverse: TypedValue): GradientRule =>
  ({ node, outputGradients: [dy, ...others], needs, ops }: GradientCall) => {
    const [x, scale, bias] = node.inputs
    const axes = axesFrom(frontAxis(intAttribute(node.attributes, 'axis', -1), x!.shape.length), x!)
    refuseStatistics(node, others)
    const deviation = ops.cast(inverse, x!.type)
    const normal = ops.mul(ops.sub(x!, ops.cast(mean, x!.type)), deviation)
    return [
      needs(0) ? normalizedGradient(ops.mul(dy!, scale!), normal, deviation, axes, ops) : undefined,
      needs(1) ? ops.sumTo(ops.mul(dy!, normal), scale!.shape) : undefined,
      needs(2) ? ops.sumTo(dy!, bias!.shape) : undefined,
    ]
  }

function normalizedGradient(
  dy: TypedValue,
  normal: TypedValue,
  inverse: TypedValue,
  axes: readonly number[],
  ops: Operations,
): TypedValue {
  const centred = ops.sub(dy, ops.mean(dy, axes, true))
  const along = ops.mul(normal, ops.mean(ops.mul(dy, normal), axes, true))
  return ops.mul(ops.sub(centred, along), inverse)
}

/** Zhang & Sennrich 2019: x / sqrt(mean(x^2) + epsilon) scale. */
export const rmsNormalization: Rewrite = ({ node, ops }) => {
  const [x, scale] = [node.inputs[0]!, node.inputs[1]!]
  const axes = axesFrom(frontAxis(intAttribute(node.attributes, 'axis', -1), x.shape.length), x)
  const square = ops.mean(ops.mul(x, x), axes, true)
  const inverse = ops.node('Reciprocal', [ops.node('Sqrt', [ops.shift(square, epsilonOf(node))])])
  const normal = ops.mul(x, inverse)
  const gradient: GradientRule = ({ outputGradients: [dy, ...others], needs }) => {
    refuseStatistics(node, others)
    const scaled = (): TypedValue => {
      const g = ops.mul(dy!, scale)
      return ops.mul(ops.sub(g, ops.mul(normal, ops.mean(ops.mul(g, normal), axes, true))), inverse)
    }
    return [needs(0) ? scaled() : undefined, needs(1) ? ops.sumTo(ops.mul(dy!, normal), scale.shape) : undefined]
  }
  return { outputs: [ops.mul(normal, scale), node.outputs[1] && ops.cast(inverse, node.outputs[1].type)], gradient }
}

/** One number for each channel, against [batch, channels, ...space]. */
const alongChannels = (value: TypedValue, rank: number, ops: Operations): TypedValue =>
  ops.reshape(value, [elementCount(fixedShape(value)), ...Array<number>(rank - 2).fill(1)])

/** Ioffe & Szegedy 2015. */
export const batchNormalization: Rewrite = (call) =>
  intAttribute(call.node.attributes, 'training_mode', 0) === 0 ? withRunningStatistics(call) : withBatchStatistics(call)

/** y = scale (x - mean) / sqrt(variance + epsilon) + bias with given statistics: a line for each channel. */
function withRunningStatistics({ node, ops, graph }: RewriteCall): Rewritten {
  const [x, scale, , mean, variance] = node.inputs as readonly TypedValue[]
  const rank = x!.shape.length
  const gradient: GradientRule = ({ outputGradients: [dy], needs }) => {
    const inverse = ops.node('Reciprocal', [ops.node('Sqrt', [ops.shift(variance!, epsilonOf(node))])])
    const slope = ops.mul(scale!, inverse)
    const total = channelSums(dy!, ops)
    const centredProduct = (): TypedValue => ops.sub(channelSums(ops.mul(dy!, x!), ops), ops.mul(total, mean!))
    const cubed = (): TypedValue => ops.mul(slope, ops.mul(inverse, inverse))
    return [
      needs(0) ? ops.mul(dy!, alongChannels(slope, rank, ops)) : undefined,
      needs(1) ? ops.mul(centredProduct(), inverse) : undefined,
      needs(2) ? total : undefined,
      needs(3) ? ops.neg(ops.mul(total, slope)) : undefined,
      needs(4) ? ops.scale(ops.mul(centredProduct(), cubed()), -0.5) : undefined,
    ]
  }
  return { outputs: [graph.node('BatchNormalization', node.inputs, node.attributes)], gradient }
}

/**
 * With the statistics of the batch. The operator overwrites the running statistics that it is given, in ONNX Runtime even
 * where they are fed: so it is given values computed for this alone, a momentum of 0 (it then returns the statistics of the
 * batch), and running statistics are averaged beside it.
 */
function withBatchStatistics({ node, ops }: RewriteCall): Rewritten {
  const [x, scale, bias, runningMean, runningVariance] = node.inputs as readonly TypedValue[]
  if (isThrownAway(node)) {
    const [y, mean, variance] = ops.graph.nodeWithOutputs('BatchNormalization', 3, node.inputs, node.attributes)
    return { outputs: [y, mean, variance], gradient: batchNormGradient(mean!, variance!, epsilonOf(node)) }
  }
  const { y, mean, variance } = normalizeBatch(x!, scale!, bias!, epsilonOf(node), ops)
  const momentum = floatAttribute(node.attributes, 'momentum', 0.9)
  const average = (running: TypedValue, ofBatch: TypedValue, wanted: TypedValue | undefined): TypedValue | undefined =>
    wanted && ops.add(ops.scale(running, momentum), ops.scale(ofBatch, 1 - momentum))
  return {
    outputs: [y, average(runningMean!, mean, node.outputs[1]), average(runningVariance!, variance, node.outputs[2])],
    gradient: batchNormGradient(mean, variance, epsilonOf(node)),
  }
}

/** Whether a node is in the form that `normalizeBatch` writes: its statistics are those of the batch. */
const isThrownAway = (node: TypedNode): boolean => floatAttribute(node.attributes, 'momentum', 0.9) === 0

export interface NormalizedBatch {
  readonly y: TypedValue
  /** Statistics of the batch, [channels]; the variance divides by the count. */
  readonly mean: TypedValue
  readonly variance: TypedValue
}

/** Batch normalization that keeps the statistics of the batch. */
export function normalizeBatch(
  x: TypedValue,
  scale: TypedValue,
  bias: TypedValue,
  epsilon: number,
  ops: Operations,
): NormalizedBatch {
  const [, channels, ...space] = fixedShape(x) as [number, number, ...number[]]
  const corner = [{ axis: 0, start: 0, end: 1 }, ...space.map((_, i) => ({ axis: i + 2, start: 0, end: 1 }))]
  // Two values that the runtime may overwrite: depending on x, so that neither is folded, and not alike, so that they stay two.
  const overwrittenMean = ops.reshape(ops.slice(x, corner), [channels])
  const overwrittenVariance = ops.mul(overwrittenMean, overwrittenMean)
  const [y, mean, variance] = ops.graph.nodeWithOutputs(
    'BatchNormalization',
    3,
    [x, scale, bias, overwrittenMean, overwrittenVariance],
    { epsilon: { float: epsilon }, momentum: { float: 0 }, training_mode: { int: 1 } },
  )
  return { y: y!, mean: mean!, variance: variance! }
}

/**
 * dx = scale / deviation (dy - mean(dy) - xh mean(dy xh)) with xh = (x - mean) / deviation, gathered into a dy + b x + c with
 * one a, b and c for each channel.
 */
const batchNormGradient =
  (mean: TypedValue, variance: TypedValue, epsilon: number): GradientRule =>
  ({ node, outputGradients: [dy, ...others], needs, ops }) => {
    refuseStatistics(node, others)
    const [x, scale] = [node.inputs[0]!, node.inputs[1]!]
    const count = elementCount(fixedShape(x)) / fixedShape(x)[1]!
    const inverse = ops.node('Reciprocal', [ops.node('Sqrt', [ops.shift(variance, epsilon)])])
    const total = channelSums(dy!, ops)
    const centred = ops.sub(channelSums(ops.mul(dy!, x), ops), ops.mul(total, mean))
    const scaleGradient = ops.mul(centred, inverse)
    const inputGradient = (): TypedValue => {
      const a = ops.mul(scale, inverse)
      const b = ops.scale(ops.mul(ops.mul(a, inverse), scaleGradient), -1 / count)
      const c = ops.neg(ops.add(ops.scale(ops.mul(a, total), 1 / count), ops.mul(b, mean)))
      const rank = x.shape.length
      const [wideA, wideB, wideC] = [a, b, c].map((value) => alongChannels(value, rank, ops))
      return ops.add(ops.mul(dy!, wideA!), ops.add(ops.mul(x, wideB!), wideC!))
    }
    return [needs(0) ? inputGradient() : undefined, needs(1) ? scaleGradient : undefined, needs(2) ? total : undefined]
  }

/** Normalizes each row of [rows, width] with LayerNormalization, whose gradient is known. */
function normalizeRows(x: TypedValue, rows: number, epsilon: number, ops: Operations): TypedValue {
  const width = elementCount(fixedShape(x)) / rows
  const ones = ops.node('Expand', [ops.scalar(1, x), ops.ints([width])])
  const flat = ops.reshape(x, [rows, width])
  return ops.node('LayerNormalization', [flat, ones], { axis: { int: 1 }, epsilon: { float: epsilon } })
}

const scaleChannels = (normal: TypedValue, scale: TypedValue, bias: TypedValue, ops: Operations): TypedValue => {
  const rank = normal.shape.length
  return ops.add(ops.mul(normal, alongChannels(scale, rank, ops)), alongChannels(bias, rank, ops))
}

/** Ulyanov, Vedaldi & Lempitsky 2016: each channel of each example over its space. */
export const instanceNormalization: Rewrite = ({ node, ops }) => {
  const [x, scale, bias] = node.inputs as readonly TypedValue[]
  const [batch, channels] = fixedShape(x!) as [number, number]
  const normal = ops.reshapeLike(normalizeRows(x!, batch * channels, epsilonOf(node), ops), x!)
  return { outputs: [scaleChannels(normal, scale!, bias!, ops)] }
}

/** Wu & He 2018: groups of channels of each example over their space. Scales are one a channel from opset 21, one a group before. */
export const groupNormalization: Rewrite = ({ node, ops }) => {
  const [x, scale, bias] = node.inputs as readonly TypedValue[]
  const [batch, channels, ...space] = fixedShape(x!) as [number, number, ...number[]]
  const groups = intAttribute(node.attributes, 'num_groups', 1)
  const normal = normalizeRows(x!, batch * groups, epsilonOf(node), ops)
  if (fixedShape(scale!)[0] === channels)
    return { outputs: [scaleChannels(ops.reshapeLike(normal, x!), scale!, bias!, ops)] }
  const grouped = ops.reshape(normal, [batch, groups, channels / groups, ...space])
  return { outputs: [ops.reshapeLike(scaleChannels(grouped, scale!, bias!, ops), x!)] }
}

/** x / |x| along an axis. */
export const lpNormalization: Rewrite = ({ node, ops }) => {
  const x = node.inputs[0]!
  const axis = frontAxis(intAttribute(node.attributes, 'axis', -1), x.shape.length)
  const norm = intAttribute(node.attributes, 'p', 2) === 1 ? 'ReduceL1' : 'ReduceL2'
  return { outputs: [ops.div(x, ops.node(norm, [x, ops.ints([axis])], { keepdims: { int: 1 } }))] }
}
