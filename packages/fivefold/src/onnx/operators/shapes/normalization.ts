import { intAttribute } from '../../graph/attribute.ts'
import { type NodeSignature, required, type ValueType } from '../../graph/typed-value.ts'
import { type Dimension, elementTypeOf } from '../../tensor.ts'
import { broadcastShapes, mayEqual, shapeText } from '../dimensions.ts'
import { invalid } from '../graph-errors.ts'
import { likeFirst } from './elementwise.ts'
import { axisOf, checkOneType, requiredRankFrom } from './operands.ts'
import type { ShapeRule } from './shape-rule.ts'

/** Scale, offset, mean and variance of BatchNormalization are one number a channel; in training it gives the statistics too. */
export const batchNormalization: ShapeRule = (node) => {
  const { shape } = requiredRankFrom(node, 0, 2)
  for (const index of [1, 2, 3, 4]) checkChannels(node, index, shape[1]!)
  const statistics = [3, 4].map((index): ValueType => ({ type: required(node, index).type, shape: [shape[1]!] }))
  return intAttribute(node.attributes, 'training_mode', 0) === 0 ? likeFirst(node) : [...likeFirst(node), ...statistics]
}

export const instanceNormalization: ShapeRule = (node) => {
  const { shape } = requiredRankFrom(node, 0, 3)
  for (const index of [1, 2]) checkChannels(node, index, shape[1]!)
  return likeFirst(node)
}

/** Up to opset 20 scale and offset are one number a group, from 21 on one a channel. */
export const groupNormalization: ShapeRule = (node) => {
  const { shape } = requiredRankFrom(node, 0, 3)
  const groups = intAttribute(node.attributes, 'num_groups', 0)
  const channels = shape[1]!
  if (groups < 1 || (typeof channels === 'number' && channels % groups !== 0))
    throw invalid(`GroupNormalization cannot cut ${channels} channels into ${groups} groups`)
  for (const index of [1, 2]) checkChannels(node, index, node.opset < 21 ? groups : channels)
  return likeFirst(node)
}

function checkChannels(node: NodeSignature, index: number, channels: Dimension): void {
  const { shape } = required(node, index)
  if (shape.length === 1 && mayEqual(shape[0]!, channels)) return
  throw invalid(`${node.op} needs an input ${index} of [${channels}], got ${shapeText(shape)}`)
}

/** LayerNormalization: also mean and inverse deviation over the axes from `axis` on, in the type that `stash_type` names. */
export const layerNormalization: ShapeRule = (node) => [...likeNormalized(node), statisticsOf(node), statisticsOf(node)]

/** SimplifiedLayerNormalization: no mean, so only the inverse deviation. */
export const simplifiedLayerNormalization: ShapeRule = (node) => [...likeNormalized(node), statisticsOf(node)]

/** Scale and offset must stretch to the input. */
export const likeNormalized: ShapeRule = (node) => {
  const { type, shape } = required(node, 0)
  axisOf(node, -1, shape)
  for (const input of node.inputs.slice(1)) if (input) checkStretches(node, input.shape, shape)
  // The result has the type of the scale, which may differ from that of the input.
  return [{ type: node.inputs[1]?.type ?? type, shape }]
}

function checkStretches(node: NodeSignature, small: readonly Dimension[], large: readonly Dimension[]): void {
  const stretched = broadcastShapes(large, small)
  if (stretched.length === large.length && stretched.every((size, axis) => mayEqual(size, large[axis]!))) return
  throw invalid(`${node.op} cannot stretch ${shapeText(small)} to ${shapeText(large)}`)
}

function statisticsOf(node: NodeSignature): ValueType {
  const { shape } = required(node, 0)
  const from = axisOf(node, -1, shape)
  const type = elementTypeOf(intAttribute(node.attributes, 'stash_type', 1)) ?? 'float'
  return { type, shape: shape.map((size, axis) => (axis < from ? size : 1)) }
}

export const lpNormalization: ShapeRule = (node) => {
  axisOf(node, -1, required(node, 0).shape)
  return likeFirst(node)
}

/** Dropout: the values and which of them were kept. */
export const dropout: ShapeRule = (node) => [...likeFirst(node), { type: 'bool', shape: required(node, 0).shape }]

/** com.microsoft.SkipLayerNormalization: normalized, mean, inverse deviation, and the sum that was normalized. */
export const skipLayerNormalization: ShapeRule = (node) => {
  const { type, shape } = requiredRankFrom(node, 0, 2)
  checkOneType(node, node.inputs.keys())
  const statistics: ValueType = { type: 'float', shape: [...shape.slice(0, -1), 1] }
  return [{ type, shape }, statistics, statistics, { type, shape }]
}
