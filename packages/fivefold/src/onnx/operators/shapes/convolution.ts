import { intAttribute, intsAttribute } from '../../graph/attribute.ts'
import type { NodeSignature, TypedValue } from '../../graph/typed-value.ts'
import type { Dimension } from '../../tensor.ts'
import { isFixedShape, mayEqual, productOf, shapeText } from '../dimensions.ts'
import { invalid, unsupported } from '../graph-errors.ts'
import { checkOneType, requiredRank, requiredRankFrom } from './operands.ts'
import type { ShapeRule } from './shape-rule.ts'
import { checkedList, slidSize, type Window, windowOf } from './windows.ts'

/** Conv: X [N, C, spatial], W [M, C / group, kernel], B [M]. */
export const conv: ShapeRule = (node) => {
  const { x, w, group } = operands(node)
  const window = windowOf(node, kernelOf(node, w))
  const [n, c, ...spatial] = x.shape as [Dimension, Dimension, ...Dimension[]]
  const [m, perGroup] = w.shape as [Dimension, Dimension]
  if (!mayEqual(c, productOf([perGroup, group])))
    throw invalid(`Conv of ${c} channels in ${group} groups does not fit a kernel ${shapeText(w.shape)}`)
  if (typeof m === 'number' && m % group !== 0) throw invalid(`Conv cannot make ${m} channels in ${group} groups`)
  checkBias(node, m)
  return [{ type: x.type, shape: [n, m, ...spatial.map((size, axis) => slidSize(node, size, window, axis))] }]
}

/** ConvTranspose: X [N, C, spatial], W [C, M / group, kernel], B [M]. */
export const convTranspose: ShapeRule = (node) => {
  const { x, w, group } = operands(node)
  const window = windowOf(node, kernelOf(node, w))
  const [n, c, ...spatial] = x.shape as [Dimension, Dimension, ...Dimension[]]
  const [channels, perGroup] = w.shape as [Dimension, Dimension]
  if (!mayEqual(c, channels))
    throw invalid(`ConvTranspose of ${c} channels does not fit a kernel ${shapeText(w.shape)}`)
  const m = productOf([perGroup, group])
  checkBias(node, m)
  return [{ type: x.type, shape: [n, m, ...grownSizes(node, spatial, window)] }]
}

function operands(node: NodeSignature): { x: TypedValue; w: TypedValue; group: number } {
  const x = requiredRankFrom(node, 0, 3)
  const w = requiredRank(node, 1, x.shape.length)
  checkOneType(node, [0, 1, 2])
  const group = intAttribute(node.attributes, 'group', 1)
  if (group < 1) throw invalid(`${node.op} takes 1 group or more, got ${group}`)
  return { x, w, group }
}

function kernelOf(node: NodeSignature, w: TypedValue): readonly number[] {
  const kernel = w.shape.slice(2)
  if (!isFixedShape(kernel)) throw unsupported(`${node.op} needs a kernel of fixed size, got ${shapeText(w.shape)}`)
  const stated = intsAttribute(node.attributes, 'kernel_shape', kernel)
  if (stated.length === kernel.length && stated.every((size, axis) => size === kernel[axis])) return kernel
  throw invalid(`${node.op} has kernel_shape [${stated.join(', ')}] and a kernel ${shapeText(w.shape)}`)
}

function checkBias(node: NodeSignature, channels: Dimension): void {
  const bias = node.inputs[2]
  if (bias === undefined || (bias.shape.length === 1 && mayEqual(bias.shape[0]!, channels))) return
  throw invalid(`${node.op} needs a bias [${channels}], got ${shapeText(bias.shape)}`)
}

/** ONNX ConvTranspose: stride (size - 1) + output_padding + (kernel - 1) dilation + 1 - pads, or the stated output_shape. */
function grownSizes(node: NodeSignature, spatial: readonly Dimension[], window: Window): Dimension[] {
  const axes = spatial.length
  const stated = intsAttribute(node.attributes, 'output_shape', undefined)
  if (stated) return checkedList(node, 'output_shape', stated, axes, 0)
  const extra = checkedList(
    node,
    'output_padding',
    intsAttribute(node.attributes, 'output_padding', Array(axes).fill(0)),
    axes,
    0,
  )
  return spatial.map((size, axis) => grownSize(node, size, window, axis, extra[axis]!))
}

function grownSize(node: NodeSignature, size: Dimension, window: Window, axis: number, extra: number): Dimension {
  const { strides, kernel, dilations, pads, autoPad } = window
  if (typeof size === 'string') return ''
  if (autoPad === 'SAME_UPPER' || autoPad === 'SAME_LOWER') return size * strides[axis]!
  const cut = autoPad === 'VALID' ? 0 : pads[axis]! + pads[axis + kernel.length]!
  const grown = strides[axis]! * (size - 1) + extra + (kernel[axis]! - 1) * dilations[axis]! + 1 - cut
  if (grown < 0) throw invalid(`${node.op} cuts more than there is from axis ${axis + 2}`)
  return grown
}
