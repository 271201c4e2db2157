import type { Dimension } from '../tensor.ts'
import { invalid } from './graph-errors.ts'

/** An axis counted from the front; throws GRAPH_INVALID where it is outside the rank. */
export function frontAxis(axis: number, rank: number): number {
  if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis
  throw invalid(`axis ${axis} is outside a tensor of rank ${rank}`)
}

/** Axes counted from the front; throws GRAPH_INVALID where one is outside the rank or comes twice. */
export function frontAxes(axes: readonly number[], rank: number): number[] {
  const front = axes.map((axis) => frontAxis(axis, rank))
  if (new Set(front).size === front.length) return front
  throw invalid(`axes [${axes.join(', ')}] name one axis twice`)
}

/** NumPy's rule, right-aligned; sizes 1 stretch. Unknown sizes with equal names are equal. Throws GRAPH_INVALID. */
export function broadcastShapes(...shapes: readonly (readonly Dimension[])[]): Dimension[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length))
  return Array.from({ length: rank }, (_, i) =>
    shapes.map((shape) => shape[shape.length - rank + i] ?? 1).reduce((a, b) => broadcastSizes(a, b, shapes)),
  )
}

function broadcastSizes(a: Dimension, b: Dimension, shapes: readonly (readonly Dimension[])[]): Dimension {
  if (a === b || b === 1) return a
  if (a === 1) return b
  // Of two unknown sizes either may be 1 and stretch to the other.
  if (typeof a === 'string' && typeof b === 'string') return ''
  // An unknown size beside a known one that is not 1 can only be that one, or 1: the result is the known one either way.
  if (typeof a === 'string') return b
  if (typeof b === 'string') return a
  throw invalid(`shapes ${shapes.map(shapeText).join(' and ')} do not broadcast`)
}

export const shapeText = (shape: readonly Dimension[]): string => `[${shape.map((size) => size || '?').join(', ')}]`

export const isFixedShape = (shape: readonly Dimension[]): shape is readonly number[] =>
  shape.every((size) => typeof size === 'number')

/** Whether two sizes can be one and the same; unknown ones can be any. */
export const mayEqual = (a: Dimension, b: Dimension): boolean =>
  a === b || typeof a === 'string' || typeof b === 'string'

/** What is known of a size of which two descriptions hold. Throws GRAPH_INVALID where they contradict each other. */
export function mergeSizes(a: Dimension, b: Dimension, what: string): Dimension {
  if (!mayEqual(a, b)) throw invalid(`${what}: ${a} and ${b} differ`)
  if (typeof a === 'number') return a
  return typeof b === 'number' || a === '' ? b : a
}

/** A count of elements as a known factor and the unknown sizes it is multiplied with, in order of their names. */
export interface SymbolicCount {
  readonly factor: number
  readonly symbols: readonly string[]
}

const ONE: SymbolicCount = { factor: 1, symbols: [] }

/** A size may itself be a product of a number and names, such as '64*N' for N sequences of 64 laid end to end. */
export function countOf(shape: readonly Dimension[]): SymbolicCount {
  const parts = shape.flatMap((size) => factorsOf(String(size)))
  const isNumber = (part: string): boolean => /^\d+$/.test(part)
  const factor = parts.filter(isNumber).reduce((product, size) => product * Number(size), 1)
  return { factor, symbols: parts.filter((part) => !isNumber(part)).sort() }
}

/** Exporters also name sizes by sums and quotients, which stay whole. */
const factorsOf = (size: string): string[] => (/^[\w*]+$/.test(size) ? size.split('*') : [size])

/** The product of sizes as a number or a product of names; '' where it cannot be told. */
export const productOf = (shape: readonly Dimension[]): Dimension => divideCounts(countOf(shape), ONE)

/** `whole / part` as a number or a product of names; '' where it cannot be told. */
export function divideCounts(whole: SymbolicCount, part: SymbolicCount): Dimension {
  const symbols = [...whole.symbols]
  for (const symbol of part.symbols) {
    const at = symbols.indexOf(symbol)
    // Sizes without a name need not be equal.
    if (at < 0 || symbol === '') return ''
    symbols.splice(at, 1)
  }
  const factor = part.factor === 0 ? 0 : whole.factor / part.factor
  if (factor === 0 && part.factor !== 0) return 0
  if (!Number.isInteger(factor) || symbols.includes('')) return ''
  if (symbols.length === 0) return factor
  return factor === 1 ? symbols.join('*') : `${factor}*${symbols.join('*')}`
}
