import { type Attributes, intAttribute, intsAttribute, stringAttribute } from '../../graph/attribute.ts'
import type { NodeSignature } from '../../graph/typed-value.ts'
import type { Dimension } from '../../tensor.ts'
import { invalid } from '../graph-errors.ts'

/** How a window slides over spatial axes; one number an axis. */
export interface Window {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** Rows before each axis, then behind each, as they are written; `autoPad` may decide instead. */
  readonly pads: readonly number[]
  readonly autoPad: AutoPad
  readonly roundsUp: boolean
}

export type AutoPad = 'NOTSET' | 'SAME_UPPER' | 'SAME_LOWER' | 'VALID'

/** The attributes that convolutions and pools share. Throws GRAPH_INVALID where a list has the wrong length. */
export function windowOf(node: NodeSignature, kernel: readonly number[]): Window {
  const { attributes } = node
  const axes = kernel.length
  return {
    kernel: checkedList(node, 'kernel_shape', kernel, axes, 1),
    strides: checkedList(node, 'strides', intsAttribute(attributes, 'strides', Array(axes).fill(1)), axes, 1),
    dilations: checkedList(node, 'dilations', intsAttribute(attributes, 'dilations', Array(axes).fill(1)), axes, 1),
    pads: checkedList(node, 'pads', intsAttribute(attributes, 'pads', Array(2 * axes).fill(0)), 2 * axes, 0),
    autoPad: autoPadOf(attributes),
    roundsUp: intAttribute(attributes, 'ceil_mode', 0) !== 0,
  }
}

function autoPadOf(attributes: Attributes): AutoPad {
  const mode = stringAttribute(attributes, 'auto_pad', 'NOTSET')
  if (mode === 'NOTSET' || mode === 'SAME_UPPER' || mode === 'SAME_LOWER' || mode === 'VALID') return mode
  throw invalid(`auto_pad cannot be '${mode}'`)
}

export function checkedList<Value extends readonly number[]>(
  { op }: NodeSignature,
  name: string,
  list: Value,
  length: number,
  least: number,
): Value {
  if (list.length !== length) throw invalid(`${op} needs ${length} ${name}, got [${list.join(', ')}]`)
  if (list.some((value) => value < least)) throw invalid(`${op} takes ${name} of ${least} or more, got [${list}]`)
  return list
}

/** How many places a window has on one axis. */
export function slidSize(node: NodeSignature, size: Dimension, window: Window, axis: number): Dimension {
  const stride = window.strides[axis]!
  if (typeof size === 'string') return isUnchanged(window, axis) ? size : ''
  if (window.autoPad === 'SAME_UPPER' || window.autoPad === 'SAME_LOWER') return Math.ceil(size / stride)
  const [before, behind] = window.autoPad === 'VALID' ? [0, 0] : padsOf(window, axis)
  const reach = (window.kernel[axis]! - 1) * window.dilations[axis]! + 1
  const room = size + before + behind - reach
  if (room < 0) throw invalid(`${node.op} slides a window of ${reach} over ${size + before + behind}`)
  const places = (window.roundsUp ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1
  // The last window must start inside the input or the padding before it (ONNX 1.16, PyTorch).
  return window.roundsUp && (places - 1) * stride >= size + before ? places - 1 : places
}

const padsOf = ({ pads, strides }: Window, axis: number): [before: number, behind: number] => [
  pads[axis]!,
  pads[axis + strides.length]!,
]

/** Whether an axis keeps its size whatever that is. */
function isUnchanged(window: Window, axis: number): boolean {
  if (window.strides[axis] !== 1) return false
  if (window.autoPad === 'SAME_UPPER' || window.autoPad === 'SAME_LOWER') return true
  const [before, behind] = window.autoPad === 'VALID' ? [0, 0] : padsOf(window, axis)
  return before + behind === (window.kernel[axis]! - 1) * window.dilations[axis]!
}
