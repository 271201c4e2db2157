import { type Attributes, intAttribute, intsAttribute, stringAttribute } from '../graph/attribute.ts'
import { elementCount } from '../tensor.ts'
import { coordinatesOf, stridesOf } from './strided-positions.ts'

/** How a window moves over the axes of space. */
export interface Window {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** Padding before and after each axis. */
  readonly before: readonly number[]
  readonly after: readonly number[]
}

/** The window over an input of the sizes `input`; auto_pad SAME keeps ceil(size / stride) places. */
export function windowOf(attributes: Attributes, kernel: readonly number[], input: readonly number[]): Window {
  const rank = kernel.length
  const strides = intsAttribute(attributes, 'strides', Array<number>(rank).fill(1))
  const dilations = intsAttribute(attributes, 'dilations', Array<number>(rank).fill(1))
  const auto = stringAttribute(attributes, 'auto_pad', 'NOTSET')
  const pads = intsAttribute(attributes, 'pads', Array<number>(2 * rank).fill(0))
  if (!auto.startsWith('SAME')) {
    const given = auto === 'VALID' ? pads.map(() => 0) : pads
    return { kernel, strides, dilations, before: given.slice(0, rank), after: given.slice(rank) }
  }
  const total = input.map((size, axis) => {
    const places = Math.ceil(size / strides[axis]!)
    return Math.max(0, (places - 1) * strides[axis]! + (kernel[axis]! - 1) * dilations[axis]! + 1 - size)
  })
  return { kernel, strides, dilations, ...halves(total, auto === 'SAME_UPPER') }
}

/** Padding shared out to both ends; the odd one goes behind for SAME_UPPER. */
export function halves(total: readonly number[], oddBehind: boolean): { before: number[]; after: number[] } {
  const before = total.map((pad) => (oddBehind ? Math.floor(pad / 2) : Math.ceil(pad / 2)))
  return { before, after: total.map((pad, axis) => pad - before[axis]!) }
}

/** How many places the window has along each axis. */
export function placeCounts(window: Window, input: readonly number[], attributes: Attributes): number[] {
  const ceils = intAttribute(attributes, 'ceil_mode', 0) === 1
  return input.map((size, axis) => {
    const reach = (window.kernel[axis]! - 1) * window.dilations[axis]! + 1
    const free = size + window.before[axis]! + window.after[axis]! - reach
    const places = (ceils ? Math.ceil : Math.floor)(free / window.strides[axis]!) + 1
    // A last window that starts in the padding behind is left out.
    const startsInside = (places - 1) * window.strides[axis]! < size + window.before[axis]!
    return ceils && !startsInside ? places - 1 : places
  })
}

/** One element of a window that lies inside the input: flat positions in the input's space and in the kernel. */
export interface WindowElement {
  readonly at: number
  readonly tap: number
}

/** For each place of the window in row-major order, the elements that lie inside the input. */
export function windowElements(
  window: Window,
  input: readonly number[],
  places: readonly number[],
): readonly (readonly WindowElement[])[] {
  const strides = stridesOf(input)
  const taps = Array.from({ length: elementCount(window.kernel) }, (_, tap) => coordinatesOf(tap, window.kernel))
  return Array.from({ length: elementCount(places) }, (_, flat) => {
    const place = coordinatesOf(flat, places)
    return taps.flatMap((offsets, tap) => {
      const where = offsets.map(
        (offset, axis) =>
          place[axis]! * window.strides[axis]! + offset * window.dilations[axis]! - window.before[axis]!,
      )
      if (where.some((coordinate, axis) => coordinate < 0 || coordinate >= input[axis]!)) return []
      return [{ at: where.reduce((sum, coordinate, axis) => sum + coordinate * strides[axis]!, 0), tap }]
    })
  })
}
