import { intAttribute, intsAttribute } from '../../graph/attribute.ts'
import { constantInts, type NodeSignature, required } from '../../graph/typed-value.ts'
import type { Dimension } from '../../tensor.ts'
import {
  broadcastShapes,
  countOf,
  divideCounts,
  frontAxes,
  frontAxis,
  isFixedShape,
  mergeSizes,
  productOf,
  shapeText,
} from '../dimensions.ts'
import { invalid, unsupported } from '../graph-errors.ts'
import {
  axisOf,
  checkOneType,
  listLength,
  optionalInts,
  requiredInts,
  requiredRank,
  requiredRankFrom,
  unknownSizes,
  withSize,
} from './operands.ts'
import type { ShapeRule } from './shape-rule.ts'

/** Reshape: 0 copies a size (unless `allowzero`), -1 takes what is left. */
export const reshape: ShapeRule = (node) => {
  const { type, shape } = required(node, 0)
  const wanted = constantInts(required(node, 1))
  if (wanted === undefined) return [{ type, shape: unknownSizes(listLength(node, 1)) }]
  const copiesZeros = intAttribute(node.attributes, 'allowzero', 0) === 0
  const sizes = wanted.map((size, axis) => (size === 0 && copiesZeros ? copiedSize(shape, axis) : size))
  return [{ type, shape: fillLeftOver(shape, sizes) }]
}

function copiedSize(shape: readonly Dimension[], axis: number): Dimension {
  const size = shape[axis]
  if (size === undefined) throw invalid(`Reshape copies axis ${axis} of ${shapeText(shape)}, which has none`)
  return size
}

function fillLeftOver(from: readonly Dimension[], sizes: readonly Dimension[]): Dimension[] {
  const rest = sizes.indexOf(-1)
  if (rest !== sizes.lastIndexOf(-1)) throw invalid('Reshape takes one size -1 at most')
  if (sizes.some((size) => typeof size === 'number' && size < -1)) throw misfit(from, sizes)
  const known = sizes.filter((_, axis) => axis !== rest)
  if (rest < 0) {
    if (isFixedShape(from) && isFixedShape(known) && productOf(from) !== productOf(known)) throw misfit(from, sizes)
    return [...sizes]
  }
  const left = divideCounts(countOf(from), countOf(known))
  if (left === '' && isFixedShape(from) && isFixedShape(known)) throw misfit(from, sizes)
  return withSize(sizes, rest, left)
}

const misfit = (from: readonly Dimension[], to: readonly Dimension[]): Error =>
  invalid(`Reshape cannot turn ${shapeText(from)} into [${to.join(', ')}]`)

/** A matrix of the axes before `axis` and those from it on. */
export const flatten: ShapeRule = (node) => {
  const { type, shape } = required(node, 0)
  const axis = intAttribute(node.attributes, 'axis', 1)
  const at = axis === shape.length ? axis : frontAxis(axis, shape.length)
  return [{ type, shape: [productOf(shape.slice(0, at)), productOf(shape.slice(at))] }]
}

export const squeeze: ShapeRule = (node) => {
  const { type, shape } = required(node, 0)
  const axes = optionalInts(node, 1, 'axes')
  if (axes === undefined && !isFixedShape(shape))
    throw unsupported(`Squeeze of ${shapeText(shape)} must name its axes: which sizes are 1 is not fixed`)
  const gone = axes ? frontAxes(axes, shape.length) : [...shape.keys()].filter((axis) => shape[axis] === 1)
  for (const axis of gone) mergeSizes(shape[axis]!, 1, `Squeeze of axis ${axis} of ${shapeText(shape)}`)
  return [{ type, shape: shape.filter((_, axis) => !gone.includes(axis)) }]
}

export const unsqueeze: ShapeRule = (node) => {
  const { type, shape } = required(node, 0)
  const wanted = requiredInts(node, 1, 'axes')
  const added = frontAxes(wanted, shape.length + wanted.length)
  const sizes = [...shape]
  for (const axis of added.sort((a, b) => a - b)) sizes.splice(axis, 0, 1)
  return [{ type, shape: sizes }]
}

export const transpose: ShapeRule = (node) => {
  const { type, shape } = required(node, 0)
  const order = intsAttribute(node.attributes, 'perm', undefined) ?? [...shape.keys()].reverse()
  if (order.length !== shape.length || frontAxes(order, shape.length).some((axis, i) => axis !== order[i]))
    throw invalid(`Transpose cannot order the axes of ${shapeText(shape)} as [${order.join(', ')}]`)
  return [{ type, shape: order.map((axis) => shape[axis]!) }]
}

/** Broadcasting to a shape: sizes of either side may stretch. */
export const expand: ShapeRule = (node) => {
  const { type, shape } = required(node, 0)
  const wanted = constantInts(required(node, 1))
  if (wanted) return [{ type, shape: broadcastShapes(shape, wanted) }]
  return [{ type, shape: broadcastShapes(shape, unknownSizes(listLength(node, 1))) }]
}

/** The sizes of the axes from `start` to `end`, both counted from the back where negative, both cut to the rank. */
export const shapeOf: ShapeRule = (node) => {
  const rank = required(node, 0).shape.length
  const cut = (axis: number): number => Math.min(Math.max(axis < 0 ? axis + rank : axis, 0), rank)
  const [start, end] = [intAttribute(node.attributes, 'start', 0), intAttribute(node.attributes, 'end', rank)]
  return [{ type: 'int64', shape: [Math.max(cut(end) - cut(start), 0)] }]
}

export const sizeOf: ShapeRule = (node) => {
  required(node, 0)
  return [{ type: 'int64', shape: [] }]
}

export const concat: ShapeRule = (node) => {
  const first = requiredRankFrom(node, 0, 1)
  checkOneType(node, node.inputs.keys())
  const shapes = node.inputs.map((_, i) => requiredRank(node, i, first.shape.length).shape)
  if (intAttribute(node.attributes, 'axis', undefined) === undefined) throw invalid('Concat needs an axis')
  const axis = axisOf(node, 0, first.shape)
  const what = `Concat of ${shapes.map(shapeText).join(' and ')} along axis ${axis}`
  const sizes = first.shape.map((_, at) =>
    at === axis ? sumOf(shapes.map((shape) => shape[at]!)) : mergeAll(shapes, at, what),
  )
  return [{ type: first.type, shape: sizes }]
}

const mergeAll = (shapes: readonly (readonly Dimension[])[], axis: number, what: string): Dimension =>
  shapes.map((shape) => shape[axis]!).reduce((a, b) => mergeSizes(a, b, what))

/** An unknown size stays known by its name only where nothing is added to it. */
function sumOf(sizes: readonly Dimension[]): Dimension {
  if (isFixedShape(sizes)) return sizes.reduce((sum, size) => sum + size, 0)
  const notEmpty = sizes.filter((size) => size !== 0)
  return notEmpty.length === 1 ? notEmpty[0]! : ''
}

/** Split: sizes are the second input, or `num_outputs` equal parts of which the last may be smaller. */
export const split: ShapeRule = (node) => {
  const { type, shape } = requiredRankFrom(node, 0, 1)
  const axis = axisOf(node, 0, shape)
  return partSizes(node, shape[axis]!).map((size) => ({ type, shape: withSize(shape, axis, size) }))
}

function partSizes(node: NodeSignature, whole: Dimension): readonly Dimension[] {
  const parts = node.inputs[1]
  if (parts === undefined) {
    const count = intAttribute(node.attributes, 'num_outputs', node.outputCount)
    if (count !== node.outputCount) throw invalid(`Split into ${count} has ${node.outputCount} outputs`)
    return equalParts(whole, count)
  }
  const sizes = constantInts(parts)
  if (sizes === undefined) return unknownSizes(node.outputCount)
  const sum = sizes.reduce((total, size) => total + size, 0)
  if (sizes.some((size) => size < 0) || (typeof whole === 'number' && sum !== whole))
    throw invalid(`Split cannot cut ${whole} into [${sizes.join(', ')}]`)
  if (sizes.length !== node.outputCount)
    throw invalid(`Split names ${sizes.length} sizes for ${node.outputCount} outputs`)
  return sizes
}

function equalParts(whole: Dimension, count: number): Dimension[] {
  if (typeof whole === 'string') return unknownSizes(count)
  const size = Math.ceil(whole / count)
  const last = whole - size * (count - 1)
  if (last < 0) throw invalid(`Split cannot cut ${whole} into ${count} parts of ${size}`)
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? last : size))
}

/** Pad: twice as many numbers as axes, first what comes before each, then what comes behind; negative ones cut. */
export const pad: ShapeRule = (node) => {
  const { type, shape } = required(node, 0)
  checkOneType(node, [0, 2])
  const axes = frontAxes(optionalInts(node, 3, 'axes') ?? [...shape.keys()], shape.length)
  const pads = constantInts(required(node, 1))
  if (pads === undefined) return [{ type, shape: shape.map((size, axis) => (axes.includes(axis) ? '' : size)) }]
  if (pads.length !== 2 * axes.length) throw invalid(`Pad needs ${2 * axes.length} numbers, got ${pads.length}`)
  const sizes = [...shape]
  axes.forEach((axis, i) => {
    sizes[axis] = paddedSize(sizes[axis]!, pads[i]! + pads[i + axes.length]!)
  })
  return [{ type, shape: sizes }]
}

function paddedSize(size: Dimension, added: number): Dimension {
  if (typeof size === 'string') return added === 0 ? size : ''
  if (size + added < 0) throw invalid(`Pad cannot cut ${-added} from an axis of ${size}`)
  return size + added
}

export const tile: ShapeRule = (node) => {
  const { type, shape } = required(node, 0)
  const repeats = constantInts(required(node, 1))
  if (repeats === undefined) return [{ type, shape: unknownSizes(shape.length) }]
  if (repeats.length !== shape.length) throw invalid(`Tile needs ${shape.length} repeats, got ${repeats.length}`)
  return [{ type, shape: shape.map((size, axis) => productOf([size, repeats[axis]!])) }]
}

/** DepthToSpace: channels become blocks of pixels. */
export const depthToSpace: ShapeRule = (node) => {
  const [{ type, shape }, block] = [requiredRank(node, 0, 4), blockSize(node)]
  const [n, c, h, w] = shape as [Dimension, Dimension, Dimension, Dimension]
  return [{ type, shape: [n, exactQuotient(c, block * block, node), productOf([h, block]), productOf([w, block])] }]
}

/** SpaceToDepth: blocks of pixels become channels. */
export const spaceToDepth: ShapeRule = (node) => {
  const [{ type, shape }, block] = [requiredRank(node, 0, 4), blockSize(node)]
  const [n, c, h, w] = shape as [Dimension, Dimension, Dimension, Dimension]
  const sizes = [n, productOf([c, block * block]), exactQuotient(h, block, node), exactQuotient(w, block, node)]
  return [{ type, shape: sizes }]
}

function blockSize(node: NodeSignature): number {
  const block = intAttribute(node.attributes, 'blocksize', 0)
  if (block < 1) throw invalid(`${node.op} needs a blocksize of 1 or more`)
  return block
}

function exactQuotient(size: Dimension, by: number, node: NodeSignature): Dimension {
  if (typeof size === 'string') return by === 1 ? size : ''
  if (size % by !== 0) throw invalid(`${node.op} cannot divide an axis of ${size} by ${by}`)
  return size / by
}
