import { intAttribute } from '../../graph/attribute.ts'
import type { Operations } from '../../graph/operations.ts'
import { fixedShape, type TypedNode, type TypedValue } from '../../graph/typed-value.ts'
import { elementCount, floats, type TensorLiteral } from '../../tensor.ts'
import type { GradientRule, Rewrite } from '../gradient-rule.ts'
import { outputPadding, type Window, windowAttributes, windowOf } from '../window.ts'

const poolWindow = (node: TypedNode): Window => windowOf(node, [])

/** Whether the windows lie side by side and cover the input exactly, so that each value is in one of them. */
const isTiling = ({ kernel, strides, dilations, before, after, input, output }: Window): boolean =>
  kernel.every(
    (size, i) =>
      size === strides[i] &&
      (dilations[i] === 1 || size === 1) &&
      before[i] === 0 &&
      after[i] === 0 &&
      output[i]! * size === input[i],
  )

/** Each value of the output repeated over its window. */
function repeatOverWindow(value: TypedValue, { kernel }: Window, ops: Operations): TypedValue {
  const scales = ops.graph.constant(floats([1, 1, ...kernel]))
  return ops.node('Resize', [value, undefined, scales], {
    mode: { string: 'nearest' },
    nearest_mode: { string: 'floor' },
    coordinate_transformation_mode: { string: 'asymmetric' },
  })
}

/** Adds each value of the output to every position of its window: the transpose of a sum over windows. */
export function spreadOverWindow(value: TypedValue, window: Window, ops: Operations): TypedValue {
  if (isTiling(window)) return repeatOverWindow(value, window, ops)
  const [batch, channels] = fixedShape(value) as [number, number]
  const { kernel, output, input } = window
  const ones = ops.node('Expand', [ops.scalar(1, value), ops.ints([1, 1, ...kernel])])
  const flat = ops.reshape(value, [batch * channels, 1, ...output])
  const padding = outputPadding(window)
  // Pools that round up leave the last window hanging over the edge, which ConvTranspose cuts off as padding.
  const after = window.after.map((count, i) => count + Math.max(0, -padding[i]!))
  const spread = ops.node('ConvTranspose', [flat, ones], {
    ...windowAttributes({ ...window, after }),
    output_padding: { ints: padding.map((count) => Math.max(0, count)) },
  })
  return ops.reshape(spread, [batch, channels, ...input])
}

/**
 * Of values that tie for the maximum the first receives the gradient, as in PyTorch: over the flat parts of a picture ties are
 * common, and giving each of them the whole gradient would count it several times.
 */
export const maxPool: Rewrite = ({ node, graph }) => {
  const window = poolWindow(node)
  if (isTiling(window) && node.outputs[1] === undefined) {
    const y = graph.node('MaxPool', node.inputs, node.attributes)
    return { outputs: [y], gradient: ({ outputGradients: [dy], ops }) => [placeInTiles(node, y, dy!, window, ops)] }
  }
  const attributes = { ...node.attributes, storage_order: { int: 0 } }
  const [y, indices] = graph.nodeWithOutputs('MaxPool', 2, node.inputs, attributes)
  return {
    outputs: [y, indices],
    gradient: ({ outputGradients: [dy], ops }) => [scatter(node.inputs[0]!, dy!, indices!, ops)],
  }
}

/** Windows that overlap may share a maximum: the forward pass notes where it stood, and gradients are added up there. */
function scatter(x: TypedValue, dy: TypedValue, indices: TypedValue, ops: Operations): TypedValue {
  const flat = ops.zeros([elementCount(fixedShape(x))], x.type)
  const inputs = [flat, ops.reshape(indices, [-1]), ops.reshape(dy, [-1])]
  const sums = ops.node('ScatterElements', inputs, { axis: { int: 0 }, reduction: { string: 'add' } })
  return ops.reshapeLike(sums, x)
}

/**
 * Where each value is in one window, the values that equal their maximum are known without noting positions, which would make
 * the forward pass 6 times slower: each of them bids with its rank in the window, and the highest bid of the window wins.
 */
function placeInTiles(node: TypedNode, y: TypedValue, dy: TypedValue, window: Window, ops: Operations): TypedValue {
  const x = node.inputs[0]!
  const spread = (value: TypedValue): TypedValue => repeatOverWindow(value, window, ops)
  const bids = ops.mul(isSame(x, spread(y), ops), ops.cast(ops.graph.constant(tileRanks(window)), x.type))
  const winning = ops.node('MaxPool', [bids], node.attributes)
  return ops.mul(isSame(bids, spread(winning), ops), spread(dy))
}

/** 1 where two values are the same, 0 elsewhere; the first is never above the second. */
const isSame = (lower: TypedValue, upper: TypedValue, ops: Operations): TypedValue =>
  lower.type === 'float'
    ? ops.node('HardSigmoid', [ops.sub(lower, upper)], { alpha: { float: 1e30 }, beta: { float: 1 } })
    : ops.cast(ops.equal(lower, upper), lower.type)

/** For each position its rank in its window, from the window's size for the first down to 1, [1, 1, ...input]. */
function tileRanks({ kernel, input }: Window): TensorLiteral {
  const rankOf = (position: number): number => {
    let rest = position
    let within = 0
    let stride = 1
    for (let axis = kernel.length - 1; axis >= 0; axis--) {
      within += ((rest % input[axis]!) % kernel[axis]!) * stride
      stride *= kernel[axis]!
      rest = Math.floor(rest / input[axis]!)
    }
    return elementCount(kernel) - within
  }
  return floats(
    Array.from({ length: elementCount(input) }, (_, i) => rankOf(i)),
    [1, 1, ...input],
  )
}

/** How many values of one axis each window divides by. */
function axisCounts(window: Window, axis: number, countPads: boolean): number[] {
  const { kernel, strides, dilations, before, after, input, output } = window
  const low = countPads ? -before[axis]! : 0
  const high = input[axis]! + (countPads ? after[axis]! : 0)
  const isCounted = (position: number): boolean => position >= low && position < high
  return Array.from({ length: output[axis]! }, (_, o) => {
    const start = o * strides[axis]! - before[axis]!
    return Array.from({ length: kernel[axis]! }, (_, k) => start + k * dilations[axis]!).filter(isCounted).length
  })
}

/** 1 / count of each window, as numbers in the shape [1, 1, ...output]. */
function windowShares(window: Window, countPads: boolean): TensorLiteral {
  const counts = window.output.reduce<number[]>(
    (products, _, axis) =>
      products.flatMap((product) => axisCounts(window, axis, countPads).map((count) => product * count)),
    [1],
  )
  const data = Float32Array.from(counts, (count) => 1 / count)
  return { type: 'float', shape: [1, 1, ...window.output], data }
}

export const averagePool: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const window = poolWindow(node)
  const shares = windowShares(window, intAttribute(node.attributes, 'count_include_pad', 0) === 1)
  const [first, ...others] = shares.data as Float32Array
  const isEven = others.every((share) => share === first)
  const share = isEven ? ops.scalar(first!, dy!) : ops.cast(ops.graph.constant(shares), dy!.type)
  return [spreadOverWindow(ops.mul(dy!, share), window, ops)]
}

/** y = (sum |x|^p)^(1/p): dx = sign(x) |x|^(p-1) times dy y^(1-p) of each window. */
export const lpPool: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const [x, y] = [node.inputs[0]!, node.outputs[0]!]
  const p = intAttribute(node.attributes, 'p', 2)
  const zero = ops.scalar(0, y)
  const share = ops.div(
    dy!,
    ops.node('Pow', [ops.where(ops.equal(y, zero), ops.scalar(1, y), y), ops.scalar(p - 1, y)]),
  )
  const spread = spreadOverWindow(share, poolWindow(node), ops)
  if (p === 2) return [ops.mul(x, spread)]
  const size = ops.node('Pow', [ops.node('Abs', [x]), ops.scalar(p - 1, x)])
  return [ops.mul(ops.mul(ops.node('Sign', [x]), size), spread)]
}

const spatialAxes = (value: TypedValue): number[] => value.shape.slice(2).map((_, i) => i + 2)

export const globalAveragePool: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const x = node.inputs[0]!
  return [ops.expandLike(ops.scale(dy!, 1 / elementCount(fixedShape(x).slice(2))), x)]
}

/** Values that tie share alike. */
export const globalMaxPool: GradientRule = ({ node, outputGradients: [dy], ops }) => {
  const [x, y] = [node.inputs[0]!, node.outputs[0]!]
  const chosen = ops.cast(ops.equal(x, y), x.type)
  return [ops.mul(chosen, ops.div(dy!, ops.sum(chosen, spatialAxes(x), true)))]
}
