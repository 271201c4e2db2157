import type { Operations } from '../../graph/operations.ts'
import { fixedShape, type TypedValue } from '../../graph/typed-value.ts'
import type { GradientRule } from '../gradient-rule.ts'
import { kernelGradient } from '../kernel-gradient.ts'
import { groupsOf, outputPadding, type Window, windowAttributes, windowOf } from '../window.ts'

/** Y = X * W + B */
export const conv: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => {
  const [x, w] = [node.inputs[0]!, node.inputs[1]!]
  const window = windowOf(node, fixedShape(w).slice(2))
  const groups = groupsOf(node)
  return [
    needs(0) ? transposedConv(dy!, w, window, groups, ops) : undefined,
    needs(1) ? kernelGradient(x, dy!, window, groups, ops) : undefined,
    needs(2) ? channelSums(dy!, ops) : undefined,
  ]
}

/** The transpose of Conv, so that the two change places: what was slid over is now the output. */
export const convTranspose: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => {
  const [x, w] = [node.inputs[0]!, node.inputs[1]!]
  const window = windowOf(node, fixedShape(w).slice(2))
  const groups = groupsOf(node)
  const attributes = { ...windowAttributes(window), group: { int: groups } }
  return [
    needs(0) ? fitted(ops.node('Conv', [dy, w], attributes), x, ops) : undefined,
    needs(1) ? kernelGradient(dy!, x, window, groups, ops) : undefined,
    needs(2) ? channelSums(dy!, ops) : undefined,
  ]
}

/** With output padding the window fits once more at the end, over values that came from nowhere. */
const fitted = (value: TypedValue, like: TypedValue, ops: Operations): TypedValue =>
  ops.slice(
    value,
    fixedShape(like)
      .slice(2)
      .map((end, i) => ({ axis: i + 2, start: 0, end })),
  )

/** Sums over batch and space. Two steps are faster than one over axes that are apart. */
export function channelSums(value: TypedValue, ops: Operations): TypedValue {
  const [batch, channels, ...space] = fixedShape(value) as [number, number, ...number[]]
  const flat = ops.reshape(value, [batch, channels, space.reduce((count, size) => count * size, 1)])
  return ops.sum(ops.sum(flat, [2]), [0])
}

/** The derivative of Conv in its input. */
export function transposedConv(
  dy: TypedValue,
  w: TypedValue,
  window: Window,
  groups: number,
  ops: Operations,
): TypedValue {
  if (canTurn(window)) return turnedConv(dy, w, window, groups, ops)
  const padding = outputPadding(window)
  const attributes = { ...windowAttributes(window), group: { int: groups }, output_padding: { ints: padding } }
  return ops.node('ConvTranspose', [dy, w], attributes)
}

/**
 * At stride 1 a Conv with the kernel turned round does the same. It is the faster one where the forward pass kept the size (CPU
 * ms on one core: 2.8 against 3.8 for [32, 16, 32, 32] to 16, 6.9 against 12.4 for [8, 64, 28, 28] to 64); without padding its
 * own padding is wide, and ConvTranspose wins (37 against 55 for [64, 32, 26, 26] to 64).
 */
const canTurn = ({ kernel, strides, dilations, before, after }: Window): boolean =>
  strides.every((stride) => stride === 1) &&
  kernel.every((size, i) => {
    const reach = (size - 1) * dilations[i]!
    return Math.max(before[i]!, after[i]!) <= reach && before[i]! + after[i]! >= reach
  })

function turnedConv(dy: TypedValue, w: TypedValue, window: Window, groups: number, ops: Operations): TypedValue {
  const { kernel, dilations, before, after, strides, input, output } = window
  const [filters, channels] = fixedShape(w) as [number, number]
  const spatial = kernel.map((_, i) => i)
  const turned = ops.slice(
    w,
    kernel.flatMap((size, i) => (size === 1 ? [] : [{ axis: i + 2, start: -1, end: -size - 1, step: -1 }])),
  )
  const apart = ops.reshape(turned, [groups, filters / groups, channels, ...kernel])
  const swapped = ops.transpose(apart, [0, 2, 1, ...spatial.map((i) => i + 3)])
  const kernels = ops.reshape(swapped, [groups * channels, filters / groups, ...kernel])
  const reach = kernel.map((size, i) => (size - 1) * dilations[i]!)
  // Rows at the end that the window never reached.
  const rest = kernel.map((_, i) => input[i]! + before[i]! + after[i]! - reach[i]! - output[i]!)
  const pads = {
    before: before.map((count, i) => reach[i]! - count),
    after: after.map((count, i) => reach[i]! - count + rest[i]!),
  }
  const attributes = windowAttributes({ kernel, strides, dilations, ...pads })
  return ops.node('Conv', [dy, kernels], { ...attributes, group: { int: groups } })
}
