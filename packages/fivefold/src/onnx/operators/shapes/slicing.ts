import { constantInts, type NodeSignature, required } from '../../graph/typed-value.ts'
import type { Dimension } from '../../tensor.ts'
import { frontAxes } from '../dimensions.ts'
import { invalid } from '../graph-errors.ts'
import { optionalInts } from './operands.ts'
import type { ShapeRule } from './shape-rule.ts'

/** Slice: starts, ends, axes, steps; numbers count from the back where negative and are cut to what is there. */
export const slice: ShapeRule = (node) => {
  const { type, shape } = required(node, 0)
  const starts = constantInts(required(node, 1))
  const ends = constantInts(required(node, 2))
  const axes = slicedAxes(node, starts?.length ?? ends?.length)
  const steps = node.inputs[4] ? constantInts(node.inputs[4]) : axes.map(() => 1)
  if ([starts, ends, steps].some((list) => list !== undefined && list.length !== axes.length))
    throw invalid(`Slice needs ${axes.length} starts, ends and steps, one for each axis`)
  const sizes = [...shape]
  axes.forEach((axis, i) => {
    sizes[axis] = slicedSize(sizes[axis]!, starts?.[i], ends?.[i], steps?.[i])
  })
  return [{ type, shape: sizes }]
}

function slicedAxes(node: NodeSignature, count: number | undefined): number[] {
  const rank = required(node, 0).shape.length
  const axes = optionalInts(node, 3, 'axes') ?? [...Array(count ?? rank).keys()]
  return frontAxes(axes, rank)
}

function slicedSize(
  size: Dimension,
  start: number | undefined,
  end: number | undefined,
  step: number | undefined,
): Dimension {
  if (step === 0) throw invalid('Slice cannot take steps of 0')
  if (start === undefined || end === undefined || step === undefined) return ''
  if (typeof size === 'string') return keepsAll(start, end, step) ? size : ''
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1]
  const cut = (at: number, least: number): number => Math.min(Math.max(at < 0 ? at + size : at, least), high)
  const from = cut(start, Math.max(low, 0))
  return Math.max(Math.ceil((cut(end, low) - from) / step), 0)
}

/** Exporters write the largest int64 or int32 for 'to the end'. */
const keepsAll = (start: number, end: number, step: number): boolean => start === 0 && step === 1 && end >= 0x7fffffff
