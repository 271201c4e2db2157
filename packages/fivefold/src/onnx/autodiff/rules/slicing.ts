import { stringAttribute } from '../../graph/attribute.ts'
import type { Operations } from '../../graph/operations.ts'
import { constantInts, fixedShape, type TypedNode, type TypedValue } from '../../graph/typed-value.ts'
import { frontAxis } from '../../operators/dimensions.ts'
import { int64s } from '../../tensor.ts'
import { addRowsAlong } from '../accumulate-rows.ts'
import type { GradientRule } from '../gradient-rule.ts'
import { fixedAxis, requiredInts } from './movement.ts'

/** Zeros go where nothing was taken. */
export const slice: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const x = node.inputs[0]!
  const starts = requiredInts(node, 1)
  const axes = node.inputs[3] === undefined ? [...starts.keys()] : requiredInts(node, 3)
  const steps = node.inputs[4] === undefined ? starts.map(() => 1) : requiredInts(node, 4)
  const result = axes.reduce((gradient, axis, i) => {
    const front = frontAxis(axis, x.shape.length)
    return spreadAxis(gradient, { axis: front, size: fixedAxis(x, front), start: starts[i]!, step: steps[i]! }, ops)
  }, dy!)
  return [result]
}

interface TakenAxis {
  readonly axis: number
  readonly size: number
  readonly start: number
  readonly step: number
}

function spreadAxis(dy: TypedValue, { axis, size, start, step }: TakenAxis, ops: Operations): TypedValue {
  const taken = fixedAxis(dy, axis)
  if (step < 0) {
    const highest = Math.min(start < 0 ? start + size : start, size - 1)
    const turned = ops.slice(dy, [{ axis, start: -1, end: -taken - 1, step: -1 }])
    return spreadAxis(turned, { axis, size, start: highest + (taken - 1) * step, step: -step }, ops)
  }
  const first = Math.min(Math.max(start < 0 ? start + size : start, 0), size)
  const spaced = spaceOut(dy, axis, step, ops)
  return padAxis(spaced, axis, first, size - first - taken * step, ops)
}

/** Puts `step - 1` zeros behind every element of an axis. */
export function spaceOut(value: TypedValue, axis: number, step: number, ops: Operations): TypedValue {
  if (step === 1) return value
  const shape = fixedShape(value)
  const apart = ops.unsqueeze(value, [axis + 1])
  const padded = padAxis(apart, axis + 1, 0, step - 1, ops)
  return ops.reshape(
    padded,
    shape.map((size, i) => (i === axis ? size * step : size)),
  )
}

export function padAxis(value: TypedValue, axis: number, before: number, after: number, ops: Operations): TypedValue {
  const counts = (count: number): number[] => value.shape.map((_, i) => (i === axis ? count : 0))
  return ops.pad(value, counts(before), counts(after))
}

interface PaddedAxis {
  readonly axis: number
  readonly before: number
  readonly after: number
}

function paddedAxes(node: TypedNode): PaddedAxis[] {
  const rank = node.inputs[0]!.shape.length
  const pads = requiredInts(node, 1)
  const axes = constantInts(node.inputs[3])?.map((axis) => frontAxis(axis, rank)) ?? [...Array(rank).keys()]
  const counts = axes.map((axis, i) => ({ axis, before: pads[i]!, after: pads[i + axes.length]! }))
  return counts.filter(({ before, after }) => before !== 0 || after !== 0)
}

export const pad: GradientRule = ({ node, outputGradients: [dy], needs, ops }) => {
  const x = node.inputs[0]!
  const mode = stringAttribute(node.attributes, 'mode', 'constant')
  const axes = paddedAxes(node)
  if (mode !== 'constant') {
    const fold = (gradient: TypedValue, padded: PaddedAxis): TypedValue => {
      const source = sourceIndices(mode, padded, fixedAxis(x, padded.axis))
      const indices = ops.graph.constant(int64s(source))
      return addRowsAlong(padded.axis, fixedAxis(x, padded.axis), indices, gradient, ops)
    }
    return [axes.reduceRight(fold, dy!)]
  }
  const inner = axes.reduce((gradient, { axis, before, after }) => padAxis(gradient, axis, -before, -after, ops), dy!)
  if (!needs(2)) return [inner]
  const all = (value: TypedValue): TypedValue => ops.sum(value, [...value.shape.keys()])
  return [needs(0) ? inner : undefined, undefined, ops.reshapeLike(ops.sub(all(dy!), all(inner)), node.inputs[2]!)]
}

/** For each element of a padded axis the element that it repeats. */
function sourceIndices(mode: string, { before, after }: PaddedAxis, size: number): number[] {
  const period = mode === 'reflect' ? Math.max(1, 2 * size - 2) : size
  const sourceOf = (position: number): number => {
    if (mode === 'edge') return Math.min(Math.max(position, 0), size - 1)
    const turned = ((position % period) + period) % period
    return turned < size ? turned : period - turned
  }
  return Array.from({ length: before + size + after }, (_, i) => sourceOf(i - before))
}
