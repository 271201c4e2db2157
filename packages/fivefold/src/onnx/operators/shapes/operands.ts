import { intAttribute } from '../../graph/attribute.ts'
import { constantInts, type NodeSignature, required, type TypedValue } from '../../graph/typed-value.ts'
import type { Dimension, ElementType } from '../../tensor.ts'
import { frontAxis, shapeText } from '../dimensions.ts'
import { invalid, unsupported } from '../graph-errors.ts'

/** The input at `index`, which must have the rank. */
export function requiredRank(node: NodeSignature, index: number, rank: number): TypedValue {
  const input = required(node, index)
  if (input.shape.length === rank) return input
  throw invalid(`${node.op} takes an input ${index} of rank ${rank}, got ${shapeText(input.shape)}`)
}

/** The input at `index`, which must have at least the rank. */
export function requiredRankFrom(node: NodeSignature, index: number, least: number): TypedValue {
  const input = required(node, index)
  if (input.shape.length >= least) return input
  throw invalid(`${node.op} takes an input ${index} of rank ${least} or more, got ${shapeText(input.shape)}`)
}

/** Throws GRAPH_INVALID unless all the inputs at `indexes` that are there have one type. */
export function checkOneType(node: NodeSignature, indexes: Iterable<number>): void {
  const inputs = [...indexes].flatMap((index) => node.inputs[index] ?? [])
  if (inputs.every(({ type }) => type === inputs[0]!.type)) return
  throw invalid(`${node.op} takes values of one type, got ${inputs.map(({ type }) => type).join(' and ')}`)
}

export function checkType(node: NodeSignature, index: number, ...allowed: readonly ElementType[]): void {
  const input = node.inputs[index]
  if (input === undefined || allowed.includes(input.type)) return
  throw invalid(`${node.op} takes an input ${index} of type ${allowed.join(' or ')}, got ${input.type}`)
}

/** The constant integers at `index`; undefined where the input is absent. Throws GRAPH_UNSUPPORTED where they are computed. */
export function optionalInts(node: NodeSignature, index: number, what: string): number[] | undefined {
  const input = node.inputs[index]
  if (input === undefined) return undefined
  checkType(node, index, 'int64', 'int32')
  const ints = constantInts(input)
  if (ints) return ints
  throw unsupported(`${node.op} needs constant ${what}; '${input.name}' is computed when the graph runs`)
}

/** The constant integers at `index`. Throws GRAPH_INVALID where the input is absent, GRAPH_UNSUPPORTED where it is computed. */
export function requiredInts(node: NodeSignature, index: number, what: string): number[] {
  required(node, index)
  return optionalInts(node, index, what)!
}

/** The attribute `axis`, counted from the front of a tensor of this shape. */
export const axisOf = (node: NodeSignature, absent: number, shape: readonly Dimension[]): number =>
  frontAxis(intAttribute(node.attributes, 'axis', absent), shape.length)

/** Far above what anybody uses, and small enough to write down. */
const HIGHEST_RANK = 64

/** How many numbers a computed list holds, such as the shape input of Reshape. */
export function listLength(node: NodeSignature, index: number): number {
  const [length] = requiredRank(node, index, 1).shape
  if (typeof length === 'number' && length <= HIGHEST_RANK) return length
  if (typeof length === 'number') throw unsupported(`${node.op} makes a tensor of rank ${length}`)
  throw unsupported(`${node.op} makes a tensor of unknown rank: the length of its input ${index} is not fixed`)
}

/** As many sizes of which nothing is known. */
export const unknownSizes = (count: number): Dimension[] => Array.from({ length: count }, () => '')

export const withSize = (shape: readonly Dimension[], axis: number, size: Dimension): Dimension[] =>
  shape.with(axis, size)
