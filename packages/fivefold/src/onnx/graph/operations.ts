import type { Attributes } from '../graph/attribute.ts'
import type { TypedGraph } from '../graph/typed-graph.ts'
import type { TypedValue } from '../graph/typed-value.ts'
import type { OperatorName } from '../operators/catalogue.ts'
import { type Dimension, ELEMENT_CODES, type ElementType, int64s, type TensorLiteral } from '../tensor.ts'

/** Part of one axis: [start, end) in steps, counted from the front. */
export interface AxisRange {
  readonly axis: number
  readonly start: number
  readonly end: number
  readonly step?: number
}

/**
 * The vocabulary that gradients are written in: thin names over nodes of one graph. Operations that would change nothing
 * return their argument. Sizes may be unknown wherever the text does not ask for fixed ones.
 */
export interface Operations {
  readonly graph: TypedGraph
  node(op: OperatorName, inputs: readonly (TypedValue | undefined)[], attributes?: Attributes): TypedValue
  /** One number as a constant of the type of `like`. */
  scalar(value: number, like: Pick<TypedValue, 'type'>, shape?: readonly number[]): TypedValue
  ints(values: readonly number[]): TypedValue
  add(a: TypedValue, b: TypedValue): TypedValue
  sub(a: TypedValue, b: TypedValue): TypedValue
  mul(a: TypedValue, b: TypedValue): TypedValue
  div(a: TypedValue, b: TypedValue): TypedValue
  neg(a: TypedValue): TypedValue
  /** `a` times a number. */
  scale(a: TypedValue, factor: number): TypedValue
  /** `a` plus a number. */
  shift(a: TypedValue, addend: number): TypedValue
  /** 1 - a */
  oneMinus(a: TypedValue): TypedValue
  where(condition: TypedValue, then: TypedValue, otherwise: TypedValue): TypedValue
  equal(a: TypedValue, b: TypedValue): TypedValue
  /** 1 where a > 0, 0 elsewhere. */
  step(a: TypedValue): TypedValue
  cast(a: TypedValue, type: ElementType): TypedValue
  sum(a: TypedValue, axes: readonly number[], keep?: boolean): TypedValue
  mean(a: TypedValue, axes: readonly number[], keep?: boolean): TypedValue
  /** Undoes broadcasting: sums over the axes that were stretched from `shape`. */
  sumTo(a: TypedValue, shape: readonly Dimension[]): TypedValue
  /** -1 may stand for one size. */
  reshape(a: TypedValue, shape: readonly number[]): TypedValue
  reshapeLike(a: TypedValue, like: TypedValue): TypedValue
  expandLike(a: TypedValue, like: TypedValue): TypedValue
  zerosLike(like: TypedValue): TypedValue
  /** Zeros of a fixed shape. */
  zeros(shape: readonly number[], type: ElementType): TypedValue
  transpose(a: TypedValue, permutation: readonly number[]): TypedValue
  swapAxes(a: TypedValue, first: number, second: number): TypedValue
  slice(a: TypedValue, ranges: readonly AxisRange[]): TypedValue
  concat(values: readonly TypedValue[], axis: number): TypedValue
  /** Zeros around `a`; negative counts take away. One count for each axis. */
  pad(a: TypedValue, before: readonly number[], after: readonly number[]): TypedValue
  /** Without the axes given, which have size 1. */
  squeeze(a: TypedValue, axes: readonly number[]): TypedValue
  unsqueeze(a: TypedValue, axes: readonly number[]): TypedValue
  matMul(a: TypedValue, b: TypedValue): TypedValue
  gemm(a: TypedValue, b: TypedValue, options?: GemmOptions): TypedValue
}

export interface GemmOptions {
  readonly transA?: boolean
  readonly transB?: boolean
  readonly alpha?: number
}

export function createOperations(graph: TypedGraph): Operations {
  const node: Operations['node'] = (op, inputs, attributes) => graph.node(op, inputs, attributes)
  const ints = (values: readonly number[]): TypedValue => graph.constant(int64s(values))
  const cast = (a: TypedValue, type: ElementType): TypedValue =>
    a.type === type ? a : node('Cast', [a], { to: { int: ELEMENT_CODES[type] } })
  const scalar: Operations['scalar'] = (value, { type }, shape = []) =>
    type === 'float' || type === 'double'
      ? graph.constant(numberOf(value, type, shape))
      : cast(graph.constant(numberOf(value, 'float', shape)), type)
  return {
    graph,
    node,
    ints,
    cast,
    scalar,
    ...arithmeticOf(node, scalar, cast),
    ...reductionsOf(node, ints),
    ...movesOf(node, ints, scalar),
    ...productsOf(node),
  }
}

type WriteNode = Operations['node']

const numberOf = (value: number, type: 'float' | 'double', shape: readonly number[]): TensorLiteral =>
  type === 'double' ? { type, shape, data: Float64Array.of(value) } : { type, shape, data: Float32Array.of(value) }

function arithmeticOf(node: WriteNode, scalar: Operations['scalar'], cast: Operations['cast']) {
  return {
    add: (a, b) => node('Add', [a, b]),
    sub: (a, b) => node('Sub', [a, b]),
    mul: (a, b) => node('Mul', [a, b]),
    div: (a, b) => node('Div', [a, b]),
    neg: (a) => node('Neg', [a]),
    scale: (a, factor) => (factor === 1 ? a : node('Mul', [a, scalar(factor, a)])),
    shift: (a, addend) => (addend === 0 ? a : node('Add', [a, scalar(addend, a)])),
    oneMinus: (a) => node('Sub', [scalar(1, a), a]),
    where: (condition, then, otherwise) => node('Where', [condition, then, otherwise]),
    equal: (a, b) => node('Equal', [a, b]),
    // A clipped line with a huge slope is the fastest step function that the runtime has, in single precision.
    step: (a) =>
      a.type === 'float'
        ? node('HardSigmoid', [a], { alpha: { float: 1e30 }, beta: { float: 0 } })
        : cast(node('Greater', [a, scalar(0, a)]), a.type),
  } satisfies Partial<Operations>
}

function reductionsOf(node: WriteNode, ints: Operations['ints']) {
  const reduce = (op: OperatorName, a: TypedValue, axes: readonly number[], keep: boolean): TypedValue =>
    axes.length === 0 ? a : node(op, [a, ints(axes)], { keepdims: { int: keep ? 1 : 0 } })
  const sum: Operations['sum'] = (a, axes, keep = false) => reduce('ReduceSum', a, axes, keep)
  return {
    sum,
    mean: (a, axes, keep = false) => reduce('ReduceMean', a, axes, keep),
    sumTo(a, shape) {
      if (sameShape(a.shape, shape)) return a
      const added = a.shape.length - shape.length
      const stretched = shape.flatMap((size, i) => (size === 1 && a.shape[i + added] !== 1 ? [i + added] : []))
      const inner = sum(a, stretched, true)
      return sum(inner, [...Array(added).keys()])
    },
  } satisfies Partial<Operations>
}

function movesOf(node: WriteNode, ints: Operations['ints'], scalar: Operations['scalar']) {
  const isFixed = (shape: readonly Dimension[]): shape is readonly number[] =>
    shape.every((size) => typeof size === 'number')
  const sizesOf = (like: TypedValue): TypedValue => (isFixed(like.shape) ? ints(like.shape) : node('Shape', [like]))
  const reshape: Operations['reshape'] = (a, shape) =>
    sameShape(a.shape, shape) ? a : node('Reshape', [a, ints(shape)])
  const transpose: Operations['transpose'] = (a, permutation) =>
    permutation.every((axis, i) => axis === i) ? a : node('Transpose', [a], { perm: { ints: permutation } })
  const filled = (sizes: TypedValue, type: ElementType): TypedValue => node('Expand', [scalar(0, { type }), sizes])
  return {
    reshape,
    transpose,
    reshapeLike(a, like) {
      if (sameShape(a.shape, like.shape)) return a
      const open = like.shape.filter((size) => typeof size === 'string').length
      if (open > 1) return node('Reshape', [a, sizesOf(like)])
      return reshape(
        a,
        like.shape.map((size) => (typeof size === 'string' ? -1 : size)),
      )
    },
    expandLike: (a, like) => (sameShape(a.shape, like.shape) ? a : node('Expand', [a, sizesOf(like)])),
    zerosLike: (like) => filled(sizesOf(like), like.type),
    zeros: (shape, type) => filled(ints(shape), type),
    swapAxes(a, first, second) {
      const permutation = [...a.shape.keys()]
      permutation[first] = second
      permutation[second] = first
      return transpose(a, permutation)
    },
    slice(a, ranges) {
      const cut = ranges.filter(({ axis, start, end, step = 1 }) => start !== 0 || step !== 1 || end !== a.shape[axis])
      if (cut.length === 0) return a
      const inputs = [a, ints(cut.map(({ start }) => start)), ints(cut.map(({ end }) => end))]
      const steps = cut.map(({ step = 1 }) => step)
      return node('Slice', [
        ...inputs,
        ints(cut.map(({ axis }) => axis)),
        ...(steps.every((step) => step === 1) ? [] : [ints(steps)]),
      ])
    },
    concat: (values, axis) => (values.length === 1 ? values[0]! : node('Concat', values, { axis: { int: axis } })),
    pad: (a, before, after) =>
      [...before, ...after].every((count) => count === 0) ? a : node('Pad', [a, ints([...before, ...after])]),
    squeeze: (a, axes) => (axes.length === 0 ? a : node('Squeeze', [a, ints(axes)])),
    unsqueeze: (a, axes) => (axes.length === 0 ? a : node('Unsqueeze', [a, ints(axes)])),
  } satisfies Partial<Operations>
}

function productsOf(node: WriteNode) {
  return {
    matMul: (a, b) => node('MatMul', [a, b]),
    gemm: (a, b, { transA = false, transB = false, alpha = 1 } = {}) =>
      node('Gemm', [a, b], {
        ...(transA && { transA: { int: 1 } }),
        ...(transB && { transB: { int: 1 } }),
        ...(alpha !== 1 && { alpha: { float: alpha } }),
      }),
  } satisfies Partial<Operations>
}

export const sameShape = (a: readonly Dimension[], b: readonly Dimension[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i] && size !== '')

/** Axes from `first` to the last of a value. */
export const axesFrom = (first: number, value: Pick<TypedValue, 'shape'>): number[] =>
  Array.from({ length: value.shape.length - first }, (_, i) => first + i)
