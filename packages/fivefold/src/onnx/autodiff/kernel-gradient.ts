import type { AxisRange, Operations } from '../graph/operations.ts'
import { fixedShape, type TypedValue } from '../graph/typed-value.ts'
import { elementCount } from '../tensor.ts'
import { type Window, windowAttributes } from './window.ts'

/**
 * Below this many channels one product with all offsets side by side is faster than one for each offset. Measured on one core
 * with ONNX Runtime 1.30 (CPU ms, 3 x 3 kernels, [batch, channels, height, width] to filters):
 *
 * | shape | by offsets | by columns | by swapping |
 * |---|---|---|---|
 * | [64, 32, 26, 26] to 64 | 24.3 | 25.1 | 44.7 |
 * | [32, 16, 32, 32] to 16 | 3.7 | 7.5 | 11.1 |
 * | [32, 32, 16, 16] to 32 | 2.3 | 5.3 | 7.0 |
 * | [32, 64, 8, 8] to 64 | 2.3 | 4.7 | 5.3 |
 * | [32, 16, 32, 32] to 32, stride 2 | 2.0 | 3.4 | 3.6 |
 * | [32, 3, 32, 32] to 16 | 2.8 | 1.8 | 2.1 |
 * | [64, 1, 28, 28] to 32 | 1.7 | 1.2 | 1.8 |
 */
const FEW_CHANNELS = 8

/**
 * The derivative of Conv in its kernel: for each offset in the kernel, the product of what stood under it with `dy`, summed over
 * batch and space. With groups a convolution does it, since its groups are the runtime's own.
 *
 * @param x [batch, channels, ...space]
 * @param dy [batch, filters, ...space]
 * @returns [filters, channels / groups, ...kernel]
 */
export function kernelGradient(
  x: TypedValue,
  dy: TypedValue,
  window: Window,
  groups: number,
  ops: Operations,
): TypedValue {
  if (groups > 1) return bySwapping(x, dy, window, groups, ops)
  return fixedShape(x)[1]! < FEW_CHANNELS ? byColumns(x, dy, window, ops) : byOffsets(x, dy, window, ops)
}

/**
 * A convolution of x with dy as the kernel, batch and channels swapped; strides become dilations. Groups are those of the
 * forward pass: [channels / groups, groups * batch, ...] with kernels [filters, batch, ...].
 */
function bySwapping(x: TypedValue, dy: TypedValue, window: Window, groups: number, ops: Operations): TypedValue {
  const [batch, channels, ...space] = fixedShape(x) as [number, number, ...number[]]
  const axes = space.map((_, i) => i)
  const grouped = ops.reshape(x, [batch, groups, channels / groups, ...space])
  const swapped = ops.transpose(grouped, [2, 1, 0, ...axes.map((i) => i + 3)])
  const input = ops.reshape(swapped, [channels / groups, groups * batch, ...space])
  const kernels = ops.swapAxes(dy, 0, 1)
  const { kernel, strides, dilations, before, after, output } = window
  const attributes = windowAttributes({ kernel: output, strides: dilations, dilations: strides, before, after })
  const result = ops.node('Conv', [input, kernels], { ...attributes, group: { int: groups } })
  const cut = ops.slice(
    result,
    kernel.map((end, i) => ({ axis: i + 2, start: 0, end })),
  )
  return ops.swapAxes(cut, 0, 1)
}

/**
 * One product for each offset: [filters, batch * space] with the part of x that stood under it, [batch * space, channels]. With
 * the channels last a part is made of whole rows, which are cheap to cut out even where the stride skips some.
 */
function byOffsets(x: TypedValue, dy: TypedValue, window: Window, ops: Operations): TypedValue {
  const [, channels] = fixedShape(x) as [number, number]
  const [batch, filters, ...space] = fixedShape(dy) as [number, number, ...number[]]
  const count = batch * elementCount(space)
  const left = ops.reshape(ops.swapAxes(dy, 0, 1), [filters, count])
  const channelsLast = ops.transpose(x, [0, ...space.map((_, i) => i + 2), 1])
  const padded = ops.pad(channelsLast, [0, ...window.before, 0], [0, ...window.after, 0])
  const products = offsetsOf(window.kernel).map((offset) => {
    const part = ops.reshape(ops.slice(padded, rangesUnder(offset, window, 1)), [count, channels])
    return ops.reshape(ops.gemm(left, part), [filters, channels, 1])
  })
  return ops.reshape(ops.concat(products, 2), [filters, channels, ...window.kernel])
}

/** All offsets side by side, [batch, channels * offsets, space], and one product for each example. */
function byColumns(x: TypedValue, dy: TypedValue, window: Window, ops: Operations): TypedValue {
  const [, channels] = fixedShape(x) as [number, number]
  const [batch, filters, ...space] = fixedShape(dy) as [number, number, ...number[]]
  const count = elementCount(space)
  const padded = ops.pad(x, [0, 0, ...window.before], [0, 0, ...window.after])
  const parts = offsetsOf(window.kernel).map((offset) =>
    ops.reshape(ops.slice(padded, rangesUnder(offset, window, 2)), [batch, channels, 1, count]),
  )
  const columns = ops.reshape(ops.concat(parts, 2), [batch, channels * parts.length, count])
  const products = ops.matMul(ops.reshape(dy, [batch, filters, count]), ops.swapAxes(columns, 1, 2))
  return ops.reshape(ops.sum(products, [0]), [filters, channels, ...window.kernel])
}

function offsetsOf(kernel: readonly number[]): number[][] {
  const [size, ...others] = kernel
  if (size === undefined) return [[]]
  return Array.from({ length: size }, (_, i) => offsetsOf(others).map((rest) => [i, ...rest])).flat()
}

/** What stands under an offset of the kernel; spatial axes begin at `first`. */
const rangesUnder = (offset: readonly number[], { strides, dilations, output }: Window, first: number): AxisRange[] =>
  offset.map((position, i) => {
    const start = position * dilations[i]!
    return { axis: i + first, start, end: start + (output[i]! - 1) * strides[i]! + 1, step: strides[i]! }
  })
