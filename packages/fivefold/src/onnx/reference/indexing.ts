import { intAttribute, stringAttribute } from '../graph/attribute.ts'
import { frontAxis } from '../operators/dimensions.ts'
import { elementCount, type TensorLiteral } from '../tensor.ts'
import { bigintsOf, fromBigints, fromNumbers, isInteger, numbersOf, overwritten, pick } from './element-values.ts'
import { ADD, type Arithmetic, MAX, MIN, MUL } from './elementwise.ts'
import { inputAt, intsAt, invalid, type Kernel, type KernelCall } from './kernel.ts'
import { broadcastPositions, coordinatesOf, stridedPositions, stridesOf } from './strided-positions.ts'

/** Negative indices count from the end. */
function checkedIndex(index: number, size: number): number {
  if (index >= -size && index < size) return index < 0 ? index + size : index
  throw invalid(`index ${index} is outside an axis of size ${size}`)
}

/** Whole slices along one axis. */
export const gather: Kernel = (call) => {
  const x = inputAt(call, 0)
  const indices = inputAt(call, 1)
  const axis = frontAxis(intAttribute(call.attributes, 'axis', 0), x.shape.length)
  const [before, size, after] = [x.shape.slice(0, axis), x.shape[axis]!, x.shape.slice(axis + 1)]
  const length = elementCount(after)
  const positions: number[] = []
  for (let row = 0; row < elementCount(before); row++) {
    for (const index of intsAt(call, 1) ?? []) {
      const start = (row * size + checkedIndex(index, size)) * length
      for (let k = 0; k < length; k++) positions.push(start + k)
    }
  }
  return [pick(x, [...before, ...indices.shape, ...after], positions)]
}

/** For each place of `indices`, the position in a tensor of `shape` that differs from it only along `axis`. */
function positionsAlong(shape: readonly number[], indices: TensorLiteral, axis: number): Int32Array {
  const strides = stridesOf(shape)
  const places = stridedPositions(indices.shape, strides.with(axis, 0))
  const values = numbersOf(indices)
  return places.map((place, i) => place + checkedIndex(values[i]!, shape[axis]!) * strides[axis]!)
}

export const gatherElements: Kernel = (call) => {
  const x = inputAt(call, 0)
  const indices = inputAt(call, 1)
  const axis = frontAxis(intAttribute(call.attributes, 'axis', 0), x.shape.length)
  return [pick(x, indices.shape, positionsAlong(x.shape, indices, axis))]
}

/** Positions of all elements of the slices that the last axis of `indices` points to, behind `batch` shared axes. */
function slicePositions(shape: readonly number[], indices: TensorLiteral, batch: number): number[] {
  const depth = indices.shape.at(-1)!
  const values = numbersOf(indices)
  const strides = stridesOf(shape)
  const inner = elementCount(shape.slice(batch + depth))
  const tuples = elementCount(indices.shape.slice(0, -1))
  const perBatch = tuples / Math.max(1, elementCount(shape.slice(0, batch)))
  const batchSize = elementCount(shape.slice(batch))
  return Array.from({ length: tuples }, (_, tuple) => {
    let start = Math.floor(tuple / perBatch) * batchSize
    for (let d = 0; d < depth; d++) {
      start += checkedIndex(values[tuple * depth + d]!, shape[batch + d]!) * strides[batch + d]!
    }
    return Array.from({ length: inner }, (_, k) => start + k)
  }).flat()
}

export const gatherND: Kernel = (call) => {
  const x = inputAt(call, 0)
  const indices = inputAt(call, 1)
  const batch = intAttribute(call.attributes, 'batch_dims', 0)
  const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(batch + indices.shape.at(-1)!)]
  return [pick(x, shape, slicePositions(x.shape, indices, batch))]
}

const REDUCTIONS: Readonly<Record<string, Arithmetic>> = { add: ADD, mul: MUL, min: MIN, max: MAX }

/** Writes updates to positions, which may repeat; with a reduction they are combined with what is there. */
function scattered(call: KernelCall, positions: ArrayLike<number>): TensorLiteral {
  const x = inputAt(call, 0)
  const updates = inputAt(call, 2)
  const reduction = stringAttribute(call.attributes, 'reduction', 'none')
  if (reduction === 'none') return overwritten(x, positions, updates)
  const of = REDUCTIONS[reduction]
  if (of === undefined) throw invalid(`the reduction '${reduction}' is unknown`)
  if (isInteger(x)) {
    const values = Array.from(bigintsOf(x))
    Array.from(bigintsOf(updates)).forEach((update, i) => {
      values[positions[i]!] = of.integers(values[positions[i]!]!, update)
    })
    return fromBigints(x.type, x.shape, values)
  }
  const values = Float64Array.from(numbersOf(x))
  Array.from(numbersOf(updates)).forEach((update, i) => {
    values[positions[i]!] = of.numbers(values[positions[i]!]!, update)
  })
  return fromNumbers(x.type, x.shape, values)
}

export const scatterElements: Kernel = (call) => {
  const x = inputAt(call, 0)
  const axis = frontAxis(intAttribute(call.attributes, 'axis', 0), x.shape.length)
  return [scattered(call, positionsAlong(x.shape, inputAt(call, 1), axis))]
}

export const scatterND: Kernel = (call) => [
  scattered(call, slicePositions(inputAt(call, 0).shape, inputAt(call, 1), 0)),
]

/** one_hot(indices, depth, [off, on]): indices outside [-depth, depth) give a row of `off`. */
export const oneHot: Kernel = (call) => {
  const indices = inputAt(call, 0)
  const depth = Number(numbersOf(inputAt(call, 1))[0])
  const rank = indices.shape.length + 1
  const axis = frontAxis(intAttribute(call.attributes, 'axis', -1), rank)
  const shape = indices.shape.toSpliced(axis, 0, depth)
  const from = broadcastPositions(indices.shape.toSpliced(axis, 0, 1), shape)
  const values = numbersOf(indices)
  const isOn = from.map((source, at) => {
    const index = values[source]!
    return (index < 0 ? index + depth : index) === coordinatesOf(at, shape)[axis] ? 1 : 0
  })
  return [pick(inputAt(call, 2), shape, isOn)]
}
