import { FivefoldError } from '../../../core/index.ts'
import { intAttribute, stringAttribute } from '../../graph/attribute.ts'
import type { Operations } from '../../graph/operations.ts'
import { constantInts, fixedShape, type TypedNode, type TypedValue } from '../../graph/typed-value.ts'
import { frontAxis } from '../../operators/dimensions.ts'
import { elementCount, int64s } from '../../tensor.ts'
import { addRows, addRowsAlong } from '../accumulate-rows.ts'
import type { GradientRule } from '../gradient-rule.ts'
import { fixedAxis } from './movement.ts'
import { padAxis } from './slicing.ts'

const axisOf = ({ attributes, inputs }: TypedNode, absent = 0): number =>
  frontAxis(intAttribute(attributes, 'axis', absent), inputs[0]!.shape.length)

export const gather: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const [x, indices] = [node.inputs[0]!, node.inputs[1]!]
  const axis = axisOf(node)
  const size = fixedAxis(x, axis)
  const known = constantInts(indices)
  if (known?.length === 1) {
    const position = known[0]! < 0 ? known[0]! + size : known[0]!
    const kept = indices.shape.length === 0 ? ops.unsqueeze(dy!, [axis]) : dropAxes(dy!, axis, indices, ops)
    return [padAxis(kept, axis, position, size - position - 1, ops)]
  }
  return [addRowsAlong(axis, size, indices, dy!, ops)]
}

/** Leaves one of the axes that an index tensor of one element put in. */
const dropAxes = (dy: TypedValue, axis: number, indices: TypedValue, ops: Operations): TypedValue =>
  ops.squeeze(
    dy,
    Array.from({ length: indices.shape.length - 1 }, (_, i) => axis + i),
  )

export const gatherElements: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const attributes = { axis: { int: axisOf(node) }, reduction: { string: 'add' } }
  return [ops.node('ScatterElements', [ops.zerosLike(node.inputs[0]!), node.inputs[1], dy], attributes)]
}

/** The row number that each index tuple of GatherND and ScatterND means, [n], and the sizes of what they mean. */
interface FlatIndices {
  readonly rows: number
  readonly width: number
  readonly count: number
  readonly indices: TypedValue
}

function flatten(data: TypedValue, indices: TypedValue, batchAxes: number, ops: Operations): FlatIndices {
  const shape = fixedShape(data)
  const indexShape = fixedShape(indices)
  const depth = indexShape.at(-1)!
  const batches = elementCount(shape.slice(0, batchAxes))
  const indexed = shape.slice(batchAxes, batchAxes + depth)
  const inner = elementCount(indexed)
  const strides = indexed.map((_, i) => elementCount(indexed.slice(i + 1)))
  const tuples = ops.reshape(indices, [batches, elementCount(indexShape.slice(batchAxes, -1)), depth])
  // Negative indices count from the end of their own axis.
  const wrapped = ops.where(
    ops.node('Less', [tuples, ops.graph.constant(int64s([0], []))]),
    ops.add(tuples, ops.ints(indexed)),
    tuples,
  )
  const within = ops.sum(ops.mul(wrapped, ops.ints(strides)), [2])
  const offsets = ops.graph.constant(
    int64s(
      Array.from({ length: batches }, (_, i) => i * inner),
      [batches, 1],
    ),
  )
  const count = elementCount(indexShape.slice(0, -1))
  return {
    rows: batches * inner,
    width: elementCount(shape.slice(batchAxes + depth)),
    count,
    indices: ops.reshape(batches === 1 ? within : ops.add(within, offsets), [count]),
  }
}

export const gatherND: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const [x, indices] = [node.inputs[0]!, node.inputs[1]!]
  const flat = flatten(x, indices, intAttribute(node.attributes, 'batch_dims', 0), ops)
  const summed = addRows(flat.rows, flat.indices, ops.reshape(dy!, [flat.count, flat.width]), ops)
  return [ops.reshapeLike(summed, x)]
}

/** The faces that ScatterElements and ScatterND have in common. */
interface Scatter {
  readonly data: TypedValue
  readonly updates: TypedValue
  readonly result: TypedValue
  readonly reduction: string
  /** Puts `values` into `into` where the updates went. */
  scatter(into: TypedValue, values: TypedValue, reduction: string): TypedValue
  /** Takes from `from` where the updates went. */
  take(from: TypedValue): TypedValue
  /** Sums `values` where the updates went. */
  sum(values: TypedValue): TypedValue
}

const scattered =
  (describe: (node: TypedNode, ops: Operations) => Scatter): GradientRule =>
  ({ node, outputGradients: [dy], needs, ops }) => {
    const scatter = describe(node, ops)
    const gradients = SCATTER_GRADIENTS[scatter.reduction]!(scatter, dy!, ops)
    return [needs(0) ? gradients.data() : undefined, undefined, needs(2) ? gradients.updates() : undefined]
  }

interface ScatterGradients {
  data(): TypedValue
  updates(): TypedValue
}

type WriteScatter = (scatter: Scatter, dy: TypedValue, ops: Operations) => ScatterGradients

/** Values that tie share alike, counting the value that was there. */
const chosenScatter: WriteScatter = ({ data, updates, result, take, sum }, dy, ops) => {
  const isKept = ops.cast(ops.equal(data, result), dy.type)
  const isChosen = ops.cast(ops.equal(updates, take(result)), dy.type)
  const share = ops.div(dy, ops.add(isKept, sum(isChosen)))
  return { data: () => ops.mul(share, isKept), updates: () => ops.mul(take(share), isChosen) }
}

const SCATTER_GRADIENTS: Readonly<Record<string, WriteScatter>> = {
  none: ({ updates, scatter, take }, dy, ops) => ({
    data: () => scatter(dy, ops.zerosLike(updates), 'none'),
    updates: () => take(dy),
  }),
  add: ({ take }, dy) => ({ data: () => dy, updates: () => take(dy) }),
  // Over values that are not zero: a product of the others cannot be had from the result otherwise.
  mul: ({ data, updates, result, take }, dy, ops) => ({
    data: () => ops.div(ops.mul(dy, result), data),
    updates: () => ops.div(take(ops.mul(dy, result)), updates),
  }),
  max: chosenScatter,
  min: chosenScatter,
}

const parts = (node: TypedNode) => ({
  data: node.inputs[0]!,
  updates: node.inputs[2]!,
  result: node.outputs[0]!,
  reduction: stringAttribute(node.attributes, 'reduction', 'none'),
})

export const scatterElements = scattered((node, ops) => {
  const [data, indices] = [node.inputs[0]!, node.inputs[1]!]
  const axis = { int: axisOf(node) }
  const scatter = (into: TypedValue, values: TypedValue, reduction: string): TypedValue =>
    ops.node('ScatterElements', [into, indices, values], { axis, reduction: { string: reduction } })
  return {
    ...parts(node),
    scatter,
    take: (from) => ops.node('GatherElements', [from, indices], { axis }),
    sum: (values) => scatter(ops.zerosLike(data), values, 'add'),
  }
})

export const scatterND = scattered((node, ops) => {
  const [data, indices] = [node.inputs[0]!, node.inputs[1]!]
  return {
    ...parts(node),
    scatter: (into, values, reduction) =>
      ops.node('ScatterND', [into, indices, values], { reduction: { string: reduction } }),
    take: (from) => ops.node('GatherND', [from, indices]),
    sum(values) {
      const flat = flatten(data, indices, 0, ops)
      const rows = ops.reshape(values, [flat.count, flat.width])
      return ops.reshapeLike(addRows(flat.rows, flat.indices, rows, ops), data)
    },
  }
})

/** The two values that OneHot writes receive what stands where they were written. */
export const oneHot: GradientRule = ({ node, outputGradients: [dy], ops, graph }) => {
  const one = graph.node('OneHot', [node.inputs[0], node.inputs[1], levels(ops, dy!)], node.attributes)
  const all = [...dy!.shape.keys()]
  const on = ops.sum(ops.mul(dy!, one), all)
  const off = ops.sub(ops.sum(dy!, all), on)
  return [undefined, undefined, ops.concat([ops.reshape(off, [1]), ops.reshape(on, [1])], 0)]
}

const levels = (ops: Operations, like: TypedValue): TypedValue =>
  ops.concat([ops.scalar(0, like, [1]), ops.scalar(1, like, [1])], 0)

/** The length of a range hangs on its inputs, so a loss over one jumps where it changes. */
export const range: GradientRule = ({ node }) => {
  throw new FivefoldError(
    'GRAPH_UNSUPPORTED',
    `node '${node.name}': Range cannot be differentiated in its limits: give it constants`,
  )
}
