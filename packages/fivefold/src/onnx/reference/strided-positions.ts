import { broadcastShapes, frontAxis } from '../operators/dimensions.ts'

/** How far apart neighbours along each axis lie in a row-major tensor. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1)
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!
  return strides
}

/** Positions of the elements of a strided view, in row-major order of the view. */
export function stridedPositions(shape: readonly number[], strides: readonly number[], offset = 0): Int32Array {
  let positions = Int32Array.of(offset)
  shape.forEach((size, axis) => {
    const longer = new Int32Array(positions.length * size)
    for (let i = 0; i < longer.length; i++) longer[i] = positions[Math.floor(i / size)]! + (i % size) * strides[axis]!
    positions = longer
  })
  return positions
}

/** For each element of the shape `to`, where it comes from in a tensor of the shape `from` that is broadcast to it. */
export function broadcastPositions(from: readonly number[], to: readonly number[]): Int32Array {
  const added = to.length - from.length
  const strides = stridesOf(from)
  return stridedPositions(
    to,
    to.map((_, axis) => ((from[axis - added] ?? 1) === 1 ? 0 : strides[axis - added]!)),
  )
}

export const broadcastAll = (shapes: readonly (readonly number[])[]): number[] => broadcastShapes(...shapes).map(Number)

/** A tensor seen as groups of elements that differ only along some axes: position = outer[group] + inner[member]. */
export interface AxisGroups {
  readonly outer: Int32Array
  readonly inner: Int32Array
}

export function groupAlong(shape: readonly number[], axes: readonly number[]): AxisGroups {
  const strides = stridesOf(shape)
  const within = new Set(axes.map((axis) => frontAxis(axis, shape.length)))
  const all = [...shape.keys()]
  const select = (chosen: number[]): Int32Array =>
    stridedPositions(
      chosen.map((axis) => shape[axis]!),
      chosen.map((axis) => strides[axis]!),
    )
  return {
    outer: select(all.filter((axis) => !within.has(axis))),
    inner: select(all.filter((axis) => within.has(axis))),
  }
}

/** Coordinates of a flat position. */
export function coordinatesOf(position: number, shape: readonly number[]): number[] {
  return stridesOf(shape).map((stride, axis) => Math.floor(position / stride) % shape[axis]!)
}
