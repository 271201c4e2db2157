import { intAttribute, intsAttribute, stringAttribute } from '../graph/attribute.ts'
import { frontAxis } from '../operators/dimensions.ts'
import { elementCount, int64s, type TensorLiteral, zerosOf } from '../tensor.ts'
import { fromBigints, pick, reshaped } from './element-values.ts'
import { inputAt, intsAt, invalid, type Kernel, type KernelCall } from './kernel.ts'
import { broadcastAll, broadcastPositions, stridedPositions, stridesOf } from './strided-positions.ts'

/** Size 0 copies the input's size at that place, unless allowzero; -1 is what remains. */
export const reshape: Kernel = (call) => {
  const x = inputAt(call, 0)
  const copiesZero = intAttribute(call.attributes, 'allowzero', 0) === 0
  const wanted = (intsAt(call, 1) ?? []).map((size, axis) => (size === 0 && copiesZero ? x.shape[axis]! : size))
  const known = elementCount(wanted.filter((size) => size !== -1))
  const total = elementCount(x.shape)
  const shape = wanted.map((size) => (size === -1 ? total / known : size))
  if (elementCount(shape) !== total) throw invalid(`[${x.shape}] cannot take the shape [${wanted}]`)
  return [reshaped(x, shape)]
}

export const flatten: Kernel = (call) => {
  const x = inputAt(call, 0)
  const axis = intAttribute(call.attributes, 'axis', 1)
  const front = axis === x.shape.length ? axis : frontAxis(axis, x.shape.length)
  return [reshaped(x, [elementCount(x.shape.slice(0, front)), elementCount(x.shape.slice(front))])]
}

/** Axes are an input since opset 13, an attribute before. */
const axesOf = (call: KernelCall): number[] | undefined =>
  intsAt(call, 1) ?? intsAttribute(call.attributes, 'axes', undefined)

export const squeeze: Kernel = (call) => {
  const x = inputAt(call, 0)
  const axes = axesOf(call)?.map((axis) => frontAxis(axis, x.shape.length))
  const open = x.shape.find((size, axis) => axes?.includes(axis) && size !== 1)
  if (open !== undefined) throw invalid(`an axis of size ${open} cannot be squeezed`)
  return [
    reshaped(
      x,
      x.shape.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1)),
    ),
  ]
}

export const unsqueeze: Kernel = (call) => {
  const x = inputAt(call, 0)
  const axes = axesOf(call) ?? []
  const rank = x.shape.length + axes.length
  const added = new Set(axes.map((axis) => frontAxis(axis, rank)))
  const sizes = [...x.shape]
  return [
    reshaped(
      x,
      Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : sizes.shift()!)),
    ),
  ]
}

export const transpose: Kernel = (call) => {
  const x = inputAt(call, 0)
  return [transposed(x, intsAttribute(call.attributes, 'perm', [...x.shape.keys()].reverse()))]
}

export function transposed(x: TensorLiteral, order: readonly number[]): TensorLiteral {
  const strides = stridesOf(x.shape)
  const shape = order.map((axis) => x.shape[axis]!)
  const moved = order.map((axis) => strides[axis]!)
  return pick(x, shape, stridedPositions(shape, moved))
}

export const expand: Kernel = (call) => {
  const x = inputAt(call, 0)
  const shape = broadcastAll([x.shape, intsAt(call, 1) ?? []])
  return [pick(x, shape, broadcastPositions(x.shape, shape))]
}

/** The sizes from axis `start` up to `end`. */
export const shapeOf: Kernel = (call) => {
  const { shape } = inputAt(call, 0)
  const rank = shape.length
  const clamp = (axis: number): number => Math.min(rank, Math.max(0, axis < 0 ? axis + rank : axis))
  const start = clamp(intAttribute(call.attributes, 'start', 0))
  return [int64s(shape.slice(start, clamp(intAttribute(call.attributes, 'end', rank))))]
}

export const sizeOf: Kernel = (call) => [fromBigints('int64', [], [BigInt(elementCount(inputAt(call, 0).shape))])]

export const concat: Kernel = (call) => {
  const parts = call.inputs.map((_, i) => inputAt(call, i))
  const axis = frontAxis(intAttribute(call.attributes, 'axis', 0), parts[0]!.shape.length)
  return [joined(parts, axis)]
}

export function joined(parts: readonly TensorLiteral[], axis: number): TensorLiteral {
  const size = parts.reduce((sum, part) => sum + part.shape[axis]!, 0)
  const shape = parts[0]!.shape.with(axis, size)
  const lengths = parts.map((part) => elementCount(part.shape.slice(axis)))
  const starts = parts.map((_, i) => parts.slice(0, i).reduce((sum, part) => sum + elementCount(part.shape), 0))
  const positions: number[] = []
  for (let row = 0; row < elementCount(shape.slice(0, axis)); row++) {
    lengths.forEach((length, i) => {
      for (let k = 0; k < length; k++) positions.push(starts[i]! + row * length + k)
    })
  }
  return pick(joinFlat(parts), shape, positions)
}

/** All elements of tensors of one type, one tensor after the other. */
function joinFlat(parts: readonly TensorLiteral[]): TensorLiteral {
  const { type } = parts[0]!
  const shape = [parts.reduce((sum, part) => sum + elementCount(part.shape), 0)]
  if (type === 'string') return { type, shape, data: parts.flatMap((part) => part.data as readonly string[]) }
  const flat = zerosOf(type, shape)
  let start = 0
  for (const part of parts) {
    ;(flat.data as Float64Array).set(part.data as Float64Array, start)
    start += part.data.length
  }
  return flat
}

/** Sizes come as an input; without it the parts are equal, the last one smaller where that does not come out even. */
export const split: Kernel = (call) => {
  const x = inputAt(call, 0)
  const axis = frontAxis(intAttribute(call.attributes, 'axis', 0), x.shape.length)
  const total = x.shape[axis]!
  const count = intAttribute(call.attributes, 'num_outputs', call.outputCount)
  const even = Math.ceil(total / count)
  const sizes =
    intsAt(call, 1) ?? Array.from({ length: count }, (_, i) => Math.max(0, Math.min(even, total - i * even)))
  const strides = stridesOf(x.shape)
  let start = 0
  return sizes.map((size) => {
    const shape = x.shape.with(axis, size)
    const part = pick(x, shape, stridedPositions(shape, strides, start * strides[axis]!))
    start += size
    return part
  })
}

/** slice(x, starts, ends, axes?, steps?): places outside are moved to the border, as in NumPy. */
export const slice: Kernel = (call) => {
  const x = inputAt(call, 0)
  const starts = intsAt(call, 1) ?? []
  const ends = intsAt(call, 2) ?? []
  const axes = intsAt(call, 3) ?? [...starts.keys()]
  const steps = intsAt(call, 4) ?? starts.map(() => 1)
  const strides = stridesOf(x.shape)
  const shape = [...x.shape]
  let offset = 0
  axes.forEach((given, i) => {
    const axis = frontAxis(given, x.shape.length)
    const range = sliceRange(x.shape[axis]!, starts[i]!, ends[i]!, steps[i]!)
    shape[axis] = range.count
    offset += range.start * strides[axis]!
    strides[axis] = strides[axis]! * steps[i]!
  })
  return [pick(x, shape, stridedPositions(shape, strides, offset))]
}

function sliceRange(size: number, start: number, end: number, step: number): { start: number; count: number } {
  if (step === 0) throw invalid('a slice has the step 0')
  const last = step > 0 ? size : size - 1
  const clamp = (place: number, lowest: number): number =>
    Math.min(last, Math.max(lowest, place < 0 ? place + size : place))
  const first = clamp(start, 0)
  return { start: first, count: Math.max(0, Math.ceil((clamp(end, step > 0 ? 0 : -1) - first) / step)) }
}

export const tile: Kernel = (call) => {
  const x = inputAt(call, 0)
  const repeats = intsAt(call, 1) ?? []
  const strides = stridesOf(x.shape)
  // Every axis as (repeat, size), the repeat with stride 0.
  const positions = stridedPositions(
    x.shape.flatMap((size, axis) => [repeats[axis]!, size]),
    strides.flatMap((stride) => [0, stride]),
  )
  return [
    pick(
      x,
      x.shape.map((size, axis) => size * repeats[axis]!),
      positions,
    ),
  ]
}

/** pad(x, pads, value?, axes?): pads are all beginnings, then all ends; negative ones crop. */
export const pad: Kernel = (call) => {
  const x = inputAt(call, 0)
  const rank = x.shape.length
  const pads = intsAt(call, 1) ?? []
  const axes = (intsAt(call, 3) ?? [...x.shape.keys()]).map((axis) => frontAxis(axis, rank))
  const before = x.shape.map((_, axis) => pads[axes.indexOf(axis)] ?? 0)
  const after = x.shape.map((_, axis) => (axes.includes(axis) ? pads[axes.indexOf(axis) + axes.length]! : 0))
  const source = PAD_SOURCES[stringAttribute(call.attributes, 'mode', 'constant')]
  if (source === undefined) throw invalid('the mode of a Pad is unknown')
  const shape = x.shape.map((size, axis) => size + before[axis]! + after[axis]!)
  const strides = stridesOf(x.shape)
  let positions: number[] = [0]
  shape.forEach((size, axis) => {
    const places = Array.from({ length: size }, (_, i) => source(i - before[axis]!, x.shape[axis]!))
    positions = positions.flatMap((at) =>
      places.map((place) => (at < 0 || place < 0 ? -1 : at + place * strides[axis]!)),
    )
  })
  return [pick(x, shape, positions, call.inputs[2])]
}

/** Where a place outside takes its value from; -1 for the constant. */
const PAD_SOURCES: Readonly<Record<string, (place: number, size: number) => number>> = {
  constant: (place, size) => (place >= 0 && place < size ? place : -1),
  edge: (place, size) => Math.min(size - 1, Math.max(0, place)),
  wrap: (place, size) => ((place % size) + size) % size,
  reflect(place, size) {
    const period = Math.max(1, 2 * (size - 1))
    const folded = ((place % period) + period) % period
    return folded < size ? folded : period - folded
  },
}

/** Channels of blocks to space: [N, C b b, H, W] to [N, C, H b, W b]; DCR has the block before the channel, CRD behind. */
export const depthToSpace: Kernel = (call) => {
  const x = inputAt(call, 0)
  const block = intAttribute(call.attributes, 'blocksize', 1)
  const [n, c, h, w] = x.shape as [number, number, number, number]
  const depth = c / (block * block)
  const isColumnFirst = stringAttribute(call.attributes, 'mode', 'DCR') === 'CRD'
  const split = isColumnFirst ? [n, depth, block, block, h, w] : [n, block, block, depth, h, w]
  const moved = transposed(reshaped(x, split), isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2])
  return [reshaped(moved, [n, depth, h * block, w * block])]
}

export const spaceToDepth: Kernel = (call) => {
  const x = inputAt(call, 0)
  const block = intAttribute(call.attributes, 'blocksize', 1)
  const [n, c, h, w] = x.shape as [number, number, number, number]
  const moved = transposed(reshaped(x, [n, c, h / block, block, w / block, block]), [0, 3, 5, 1, 2, 4])
  return [reshaped(moved, [n, c * block * block, h / block, w / block])]
}

/** The upper or lower triangle of the last two axes; `k` moves the diagonal. */
export const trilu: Kernel = (call) => {
  const x = inputAt(call, 0)
  const k = intsAt(call, 1)?.[0] ?? 0
  const isUpper = intAttribute(call.attributes, 'upper', 1) === 1
  const [rows, columns] = x.shape.slice(-2) as [number, number]
  const kept = Array.from({ length: elementCount(x.shape) }, (_, at) => {
    const beyond = (at % columns) - (Math.floor(at / columns) % rows) - k
    return (isUpper ? beyond >= 0 : beyond <= 0) ? at : -1
  })
  return [pick(x, x.shape, kept)]
}
