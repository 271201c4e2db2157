import type { Rng } from '../../../core/index.ts'
import { type Attributes, intsAttribute, stringAttribute } from '../../graph/attribute.ts'
import { type ElementType, floats, int64s, type TensorLiteral } from '../../tensor.ts'
import type { OperatorName } from '../catalogue.ts'

/** Random nodes that every operator accepts, for holding the shape rules against the runtime. */

/** An input that is fed, or one whose content the shape hangs on. */
export type RandomInput =
  | { readonly type: ElementType; readonly shape: readonly number[]; readonly largest: number }
  | { readonly literal: TensorLiteral }
  | undefined

export interface RandomNode {
  readonly inputs: readonly RandomInput[]
  readonly attributes?: Attributes
  readonly outputCount?: number
}

export type RandomNodeMaker = (rng: Rng) => RandomNode

const fed = (shape: readonly number[], type: ElementType = 'float', largest = 1): RandomInput => ({
  type,
  shape,
  largest,
})
const known = (values: readonly number[], shape?: readonly number[]): RandomInput => ({
  literal: int64s(values, shape),
})
const list = (length: number, make: (index: number) => number): number[] => Array.from({ length }, (_, i) => make(i))
const between = (rng: Rng, low: number, high: number): number => low + rng.int(high - low + 1)
const pick = <T>(rng: Rng, items: readonly T[]): T => items[rng.int(items.length)]!
const flip = (rng: Rng): boolean => rng.int(2) === 0
const shapeOf = (rng: Rng, lowest = 0, highest = 4): number[] =>
  list(between(rng, lowest, highest), () => between(rng, 1, 5))
const anAxis = (rng: Rng, rank: number): number => between(rng, -rank, rank - 1)
const someAxes = (rng: Rng, rank: number): number[] =>
  list(rank, (axis) => axis)
    .filter(() => flip(rng))
    .map((axis) => (flip(rng) ? axis : axis - rank))
const int = (value: number) => ({ int: value })
const ints = (values: readonly number[]) => ({ ints: values })

/** A shape that broadcasts against another: axes dropped from the front, others set to 1. */
function broadcastable(rng: Rng, shape: readonly number[]): number[] {
  return shape.slice(rng.int(shape.length + 1)).map((size) => (rng.int(3) === 0 ? 1 : size))
}

const unary =
  (type: ElementType = 'float'): RandomNodeMaker =>
  (rng) => ({ inputs: [fed(shapeOf(rng), type)] })

const binary =
  (type: ElementType = 'float'): RandomNodeMaker =>
  (rng) => {
    const shape = shapeOf(rng)
    const inputs = [fed(shape, type), fed(broadcastable(rng, shape), type)]
    return { inputs: flip(rng) ? inputs : inputs.reverse() }
  }

const variadic: RandomNodeMaker = (rng) => {
  const shape = shapeOf(rng)
  return { inputs: list(between(rng, 1, 4), (i) => i).map(() => fed(broadcastable(rng, shape))) }
}

const reduction: RandomNodeMaker = (rng) => {
  const shape = shapeOf(rng, 1)
  const axes = someAxes(rng, shape.length)
  return {
    inputs: [fed(shape), flip(rng) ? undefined : known(axes)],
    attributes: { keepdims: int(rng.int(2)), noop_with_empty_axes: int(rng.int(2)) },
  }
}

const alongAxis =
  (more: Attributes = {}): RandomNodeMaker =>
  (rng) => {
    const shape = shapeOf(rng, 1)
    return {
      inputs: [fed(shape)],
      attributes: { ...more, ...(flip(rng) ? { axis: int(anAxis(rng, shape.length)) } : {}) },
    }
  }

const extreme: RandomNodeMaker = (rng) => {
  const shape = shapeOf(rng, 1)
  return { inputs: [fed(shape)], attributes: { axis: int(anAxis(rng, shape.length)), keepdims: int(rng.int(2)) } }
}

const window = (rng: Rng, axes: number, kernel: readonly number[]): Attributes => {
  const mode = pick(rng, ['NOTSET', 'NOTSET', 'NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'])
  const isSame = mode.startsWith('SAME')
  // The runtime fails where SAME would have to cut: a stride longer than the window.
  const strides = list(axes, (axis) => between(rng, 1, isSame ? kernel[axis]! : 3))
  const pads = ints(list(2 * axes, (i) => rng.int(kernel[i % axes]!)))
  return {
    kernel_shape: ints(kernel),
    strides: ints(strides),
    dilations: ints(list(axes, () => (isSame ? 1 : between(rng, 1, 2)))),
    ...(mode === 'NOTSET' ? { pads } : { auto_pad: { string: mode } }),
  }
}

const convolution: RandomNodeMaker = (rng) => {
  const axes = between(rng, 1, 3)
  const [group, inputs, outputs] = [between(rng, 1, 2), between(rng, 1, 3), between(rng, 1, 3)]
  const kernel = list(axes, () => between(rng, 1, 3))
  const x = fed([between(rng, 1, 3), group * inputs, ...list(axes, () => between(rng, 5, 9))])
  const bias = flip(rng) ? [fed([group * outputs])] : []
  return {
    inputs: [x, fed([group * outputs, inputs, ...kernel]), ...bias],
    attributes: { ...window(rng, axes, kernel), group: int(group) },
  }
}

const transposedConvolution: RandomNodeMaker = (rng) => {
  const axes = between(rng, 1, 2)
  const [group, inputs, outputs] = [between(rng, 1, 2), between(rng, 1, 3), between(rng, 1, 3)]
  const kernel = list(axes, () => between(rng, 1, 3))
  const x = fed([between(rng, 1, 3), group * inputs, ...list(axes, () => between(rng, 4, 7))])
  const attributes = window(rng, axes, kernel)
  const strides = intsAttribute(attributes, 'strides', [])
  const isSame = stringAttribute(attributes, 'auto_pad', '').startsWith('SAME')
  return {
    inputs: [x, fed([group * inputs, outputs, ...kernel])],
    attributes: {
      ...attributes,
      group: int(group),
      output_padding: ints(strides.map((stride) => (isSame ? 0 : rng.int(stride)))),
    },
  }
}

const pooling =
  (extra: (rng: Rng) => Attributes, outputCount = 1): RandomNodeMaker =>
  (rng) => {
    const axes = between(rng, 1, 3)
    const kernel = list(axes, () => between(rng, 1, 3))
    const x = fed([between(rng, 1, 3), between(rng, 1, 3), ...list(axes, () => between(rng, 5, 9))])
    return {
      inputs: [x],
      attributes: { ...window(rng, axes, kernel), ceil_mode: int(rng.int(2)), ...extra(rng) },
      outputCount,
    }
  }

const globalPooling: RandomNodeMaker = (rng) => ({ inputs: [fed(shapeOf(rng, 3, 5))] })

const recurrent =
  (gates: number, states: number): RandomNodeMaker =>
  (rng) => {
    const direction = pick(rng, ['forward', 'reverse', 'bidirectional'])
    const directions = direction === 'bidirectional' ? 2 : 1
    const [steps, batch, width, hidden] = [
      between(rng, 1, 4),
      between(rng, 1, 3),
      between(rng, 1, 4),
      between(rng, 1, 4),
    ]
    return {
      inputs: [
        fed([steps, batch, width]),
        fed([directions, gates * hidden, width]),
        fed([directions, gates * hidden, hidden]),
        flip(rng) ? fed([directions, 2 * gates * hidden]) : undefined,
      ],
      attributes: { direction: { string: direction }, hidden_size: int(hidden) },
      outputCount: between(rng, 1, 1 + states),
    }
  }

const lossNode =
  (outputs: number): RandomNodeMaker =>
  (rng) => {
    const [n, classes] = [between(rng, 1, 4), between(rng, 2, 5)]
    const rest = shapeOf(rng, 0, 2)
    return {
      inputs: [fed([n, classes, ...rest]), fed([n, ...rest], 'int64', classes), flip(rng) ? fed([classes]) : undefined],
      attributes: { reduction: { string: pick(rng, ['none', 'mean', 'sum']) } },
      outputCount: between(rng, 1, outputs),
    }
  }

const normalized = (rng: Rng): { x: RandomInput; rest: readonly number[]; attributes: Attributes } => {
  const shape = shapeOf(rng, 2)
  const axis = anAxis(rng, shape.length)
  return { x: fed(shape), rest: shape.slice(axis), attributes: { axis: int(axis) } }
}

const channelled = (rng: Rng, lowest: number): number[] => shapeOf(rng, lowest, 5)

const LABELS = 'abcdef'

const einsumNode: RandomNodeMaker = (rng) => {
  const sizes = new Map([...LABELS].map((letter) => [letter, between(rng, 1, 4)]))
  const term = (): string => [...LABELS].filter(() => flip(rng)).join('')
  const terms = [`a${term().replaceAll('a', '')}`, `b${term().replaceAll('b', '')}`]
  const letters = [...new Set(terms.join(''))].filter(() => flip(rng))
  const inputs = terms.map((text) => fed([...text].map((letter) => sizes.get(letter)!)))
  return {
    inputs,
    attributes: { equation: { string: `${terms.join(',')}${flip(rng) ? `->${letters.join('')}` : ''}` } },
  }
}

const matMulNode: RandomNodeMaker = (rng) => {
  const [m, k, n] = [between(rng, 1, 4), between(rng, 1, 4), between(rng, 1, 4)]
  const batch = shapeOf(rng, 0, 2)
  const left = fed(rng.int(4) === 0 ? [k] : [...batch, m, k])
  return { inputs: [left, fed(rng.int(4) === 0 ? [k] : [...broadcastable(rng, batch), k, n])] }
}

const sameShapeGather: RandomNodeMaker = (rng) => {
  const shape = shapeOf(rng, 1)
  return {
    inputs: [fed(shape), fed(shape, 'int64', 1)],
    attributes: { axis: int(anAxis(rng, shape.length)) },
  }
}

export const RANDOM_NODES: Readonly<Record<OperatorName, RandomNodeMaker>> = {
  Abs: unary(),
  Neg: unary(),
  Sign: unary(),
  Exp: unary(),
  Log: unary(),
  Sqrt: unary(),
  Reciprocal: unary(),
  Floor: unary(),
  Ceil: unary(),
  Round: unary(),
  Erf: unary(),
  Sin: unary(),
  Cos: unary(),
  Tan: unary(),
  Asin: unary(),
  Acos: unary(),
  Atan: unary(),
  Sinh: unary(),
  Cosh: unary(),
  Tanh: unary(),
  Asinh: unary(),
  Acosh: unary(),
  Atanh: unary(),
  Relu: unary(),
  LeakyRelu: unary(),
  Elu: unary(),
  Selu: unary(),
  Celu: unary(),
  Gelu: unary(),
  Mish: unary(),
  Sigmoid: unary(),
  HardSigmoid: unary(),
  HardSwish: unary(),
  Softplus: unary(),
  Softsign: unary(),
  ThresholdedRelu: unary(),
  Identity: unary(),
  IsNaN: unary(),
  IsInf: unary(),
  Not: unary('bool'),
  Add: binary(),
  Sub: binary(),
  Mul: binary(),
  Div: binary(),
  Less: binary(),
  LessOrEqual: binary(),
  Greater: binary(),
  GreaterOrEqual: binary(),
  Equal: binary(),
  And: binary('bool'),
  Or: binary('bool'),
  Xor: binary('bool'),
  Min: variadic,
  Max: variadic,
  Sum: variadic,
  Mean: variadic,
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ReduceProd: reduction,
  ReduceL1: reduction,
  ReduceL2: reduction,
  ReduceLogSum: reduction,
  ReduceLogSumExp: reduction,
  ReduceSumSquare: reduction,
  ArgMax: extreme,
  ArgMin: extreme,
  Softmax: alongAxis(),
  LogSoftmax: alongAxis(),
  Hardmax: alongAxis(),
  LpNormalization: alongAxis(),
  GlobalAveragePool: globalPooling,
  GlobalMaxPool: globalPooling,
  MatMul: matMulNode,
  Einsum: einsumNode,
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  MaxPool: (rng) => pooling(() => ({}), between(rng, 1, 2))(rng),
  AveragePool: pooling((rng) => ({ count_include_pad: int(rng.int(2)) })),
  LpPool: pooling(() => ({})),
  LSTM: recurrent(4, 2),
  GRU: recurrent(3, 1),
  RNN: recurrent(1, 1),
  SoftmaxCrossEntropyLoss: lossNode(2),
  NegativeLogLikelihoodLoss: lossNode(1),
  GatherElements: sameShapeGather,
  PRelu: (rng) => {
    const shape = shapeOf(rng)
    return { inputs: [fed(shape), fed(broadcastable(rng, shape))] }
  },
  Clip: (rng) => ({ inputs: [fed(shapeOf(rng)), flip(rng) ? undefined : fed([]), fed([])] }),
  Cast: (rng) => ({ inputs: [fed(shapeOf(rng))], attributes: { to: int(pick(rng, [1, 2, 6, 7, 9, 10, 11])) } }),
  CastLike: (rng) => ({ inputs: [fed(shapeOf(rng)), fed(shapeOf(rng), pick(rng, ['int64', 'double', 'bool']))] }),
  Pow: (rng) => {
    const shape = shapeOf(rng)
    return { inputs: [fed(shape), fed(broadcastable(rng, shape), pick(rng, ['float', 'int64', 'double']))] }
  },
  Mod: (rng) => ({ ...binary()(rng), attributes: { fmod: int(1) } }),
  Where: (rng) => {
    const shape = shapeOf(rng)
    const type = pick(rng, ['float', 'int64'] as const)
    return { inputs: [fed(broadcastable(rng, shape), 'bool'), fed(shape, type), fed(broadcastable(rng, shape), type)] }
  },
  CumSum: (rng) => {
    const shape = shapeOf(rng, 1)
    return { inputs: [fed(shape), known([anAxis(rng, shape.length)], [])] }
  },
  TopK: (rng) => {
    const shape = shapeOf(rng, 1)
    const axis = anAxis(rng, shape.length)
    return {
      inputs: [fed(shape), known([between(rng, 0, shape.at(axis)!)])],
      attributes: { axis: int(axis) },
      outputCount: 2,
    }
  },
  Reshape: (rng) => {
    const [a, b, c] = shapeOf(rng, 3, 3) as [number, number, number]
    const wanted = pick(rng, [
      [-1],
      [a * b, c],
      [0, -1],
      [0, 0, -1, 1],
      [-1, b, 1, a],
      [1, 0 * a + a * b * c],
      [c, b, a],
    ])
    return { inputs: [fed([a, b, c]), known(wanted)] }
  },
  Flatten: (rng) => {
    const shape = shapeOf(rng)
    return { inputs: [fed(shape)], attributes: { axis: int(between(rng, -shape.length, shape.length)) } }
  },
  Squeeze: (rng) => {
    const shape = shapeOf(rng)
    const ones = [...shape.keys()].filter((axis) => shape[axis] === 1 && flip(rng))
    return { inputs: [fed(shape), ...(flip(rng) ? [known(ones)] : [])] }
  },
  Unsqueeze: (rng) => {
    const shape = shapeOf(rng, 0, 3)
    const rank = shape.length + 2
    const first = rng.int(rank)
    return { inputs: [fed(shape), known([first, ((first + between(rng, 1, rank - 1)) % rank) - rank])] }
  },
  Transpose: (rng) => {
    const shape = shapeOf(rng)
    const perm = rng.shuffle([...shape.keys()])
    return { inputs: [fed(shape)], attributes: flip(rng) || perm.length === 0 ? {} : { perm: ints(perm) } }
  },
  Expand: (rng) => {
    const shape = shapeOf(rng)
    const other = broadcastable(rng, shape)
    return flip(rng) ? { inputs: [fed(shape), known(other)] } : { inputs: [fed(other), known(shape)] }
  },
  Shape: (rng) => ({
    inputs: [fed(shapeOf(rng))],
    attributes: {
      ...(flip(rng) ? { start: int(between(rng, -6, 6)) } : {}),
      ...(flip(rng) ? { end: int(between(rng, -6, 6)) } : {}),
    },
  }),
  Size: unary(),
  Concat: (rng) => {
    const shape = shapeOf(rng, 1)
    const axis = anAxis(rng, shape.length)
    const part = () => fed(shape.with(axis, rng.int(4)))
    return { inputs: list(between(rng, 1, 4), (i) => i).map(part), attributes: { axis: int(axis) } }
  },
  Split: (rng) => {
    const shape = shapeOf(rng, 1)
    const axis = anAxis(rng, shape.length)
    const count = between(rng, 1, shape.at(axis)!)
    const first = rng.int(shape.at(axis)! + 1)
    if (flip(rng))
      return {
        inputs: [fed(shape), known([first, shape.at(axis)! - first])],
        attributes: { axis: int(axis) },
        outputCount: 2,
      }
    // More parts than ceil division fills leave a last one below zero, which nobody can make.
    const parts = Math.ceil(shape.at(axis)! / Math.ceil(shape.at(axis)! / count))
    return { inputs: [fed(shape)], attributes: { axis: int(axis), num_outputs: int(parts) }, outputCount: parts }
  },
  Slice: (rng) => {
    const shape = shapeOf(rng, 1)
    const axes = someAxes(rng, shape.length)
    const numbers = (low: number, high: number) => known(list(axes.length, () => between(rng, low, high)))
    const steps = known(list(axes.length, () => pick(rng, [-3, -2, -1, 1, 2, 3])))
    return { inputs: [fed(shape), numbers(-7, 7), numbers(-7, 7), known(axes), steps] }
  },
  Pad: (rng) => {
    const shape = shapeOf(rng, 1)
    if (flip(rng)) return { inputs: [fed(shape), known(list(2 * shape.length, () => rng.int(3)))] }
    const axes = someAxes(rng, shape.length)
    const pads = list(2 * axes.length, (i) => (i < axes.length ? rng.int(3) : between(rng, -1, 2)))
    return { inputs: [fed(shape), known(pads), undefined, known(axes)] }
  },
  Tile: (rng) => {
    const shape = shapeOf(rng, 1)
    return { inputs: [fed(shape), known(shape.map(() => rng.int(4)))] }
  },
  Gather: (rng) => {
    const shape = shapeOf(rng, 1, 3)
    return {
      inputs: [fed(shape), fed(shapeOf(rng, 0, 2), 'int64', 1)],
      attributes: { axis: int(anAxis(rng, shape.length)) },
    }
  },
  GatherND: (rng) => {
    const shape = shapeOf(rng, 2, 4)
    const batch = rng.int(2)
    const reach = between(rng, 1, shape.length - batch)
    const indices = [...shape.slice(0, batch), ...shapeOf(rng, 0, 2), reach]
    return { inputs: [fed(shape), fed(indices, 'int64', 1)], attributes: { batch_dims: int(batch) } }
  },
  ScatterElements: (rng) => {
    const shape = shapeOf(rng, 1)
    return {
      inputs: [fed(shape), fed(shape, 'int64', 1), fed(shape)],
      attributes: { axis: int(anAxis(rng, shape.length)), reduction: { string: 'add' } },
    }
  },
  ScatterND: (rng) => {
    const shape = shapeOf(rng, 1)
    const reach = between(rng, 1, shape.length)
    const count = between(rng, 1, 3)
    return {
      inputs: [fed(shape), fed([count, reach], 'int64', 1), fed([count, ...shape.slice(reach)])],
      attributes: { reduction: { string: 'add' } },
    }
  },
  DepthToSpace: (rng) => {
    const block = between(rng, 1, 3)
    const [n, c, h, w] = shapeOf(rng, 4, 4) as [number, number, number, number]
    return { inputs: [fed([n, c * block * block, h, w])], attributes: { blocksize: int(block) } }
  },
  SpaceToDepth: (rng) => {
    const block = between(rng, 1, 3)
    const [n, c, h, w] = shapeOf(rng, 4, 4) as [number, number, number, number]
    return { inputs: [fed([n, c, h * block, w * block])], attributes: { blocksize: int(block) } }
  },
  OneHot: (rng) => {
    const shape = shapeOf(rng, 1, 3)
    const axis = between(rng, -shape.length - 1, shape.length)
    const inputs = [fed(shape, 'int64', 3), known([between(rng, 1, 5)], flip(rng) ? [] : [1]), fed([2])]
    return { inputs, attributes: { axis: int(axis) } }
  },
  Range: (rng) => {
    const values = [between(rng, -5, 5), between(rng, -5, 9), pick(rng, [-3, -1, 1, 2])]
    const literals = flip(rng)
      ? values.map((value) => floats([value / 2], []))
      : values.map((value) => int64s([value], []))
    return { inputs: literals.map((literal) => ({ literal })) }
  },
  Constant: (rng) => ({ inputs: [], attributes: { value: { tensor: int64s(list(rng.int(4), (i) => i)) } } }),
  ConstantOfShape: (rng) => ({
    inputs: [known(list(rng.int(4), () => rng.int(4)))],
    attributes: flip(rng) ? {} : { value: { tensor: int64s([7]) } },
  }),
  EyeLike: (rng) => ({ inputs: [fed(shapeOf(rng, 2, 2))], attributes: flip(rng) ? {} : { dtype: int(11) } }),
  Trilu: (rng) => ({ inputs: [fed(shapeOf(rng, 2))], attributes: { upper: int(rng.int(2)) } }),
  Resize: (rng) => {
    const shape = [between(rng, 1, 3), between(rng, 1, 3), between(rng, 2, 6), between(rng, 2, 6)]
    const scale = (): number => pick(rng, [0.5, 0.6, 1, 1.5, 2, 2.3])
    const mode = { mode: { string: pick(rng, ['nearest', 'linear']) } }
    if (flip(rng))
      return { inputs: [fed(shape), undefined, { literal: floats([1, 1, scale(), scale()]) }], attributes: mode }
    const sizes = known([between(rng, 2, 9), between(rng, 2, 9)])
    const policy = { keep_aspect_ratio_policy: { string: pick(rng, ['stretch', 'not_larger', 'not_smaller']) } }
    return { inputs: [fed(shape), undefined, undefined, sizes], attributes: { ...mode, ...policy, axes: ints([2, 3]) } }
  },
  Gemm: (rng) => {
    const [m, k, n] = shapeOf(rng, 3, 3) as [number, number, number]
    const [transA, transB] = [rng.int(2), rng.int(2)]
    const c = flip(rng) ? [fed(broadcastable(rng, [m, n]))] : []
    return {
      inputs: [fed(transA ? [k, m] : [m, k]), fed(transB ? [n, k] : [k, n]), ...c],
      attributes: { transA: int(transA), transB: int(transB) },
    }
  },
  BatchNormalization: (rng) => {
    const shape = channelled(rng, 2)
    const isTraining = flip(rng)
    return {
      inputs: [fed(shape), ...list(4, (i) => i).map(() => fed([shape[1]!]))],
      attributes: { training_mode: int(isTraining ? 1 : 0) },
      outputCount: isTraining ? 3 : 1,
    }
  },
  InstanceNormalization: (rng) => {
    const shape = channelled(rng, 3)
    return { inputs: [fed(shape), fed([shape[1]!]), fed([shape[1]!])] }
  },
  GroupNormalization: (rng) => {
    const groups = between(rng, 1, 3)
    const shape = channelled(rng, 3).with(1, groups * between(rng, 1, 2))
    return { inputs: [fed(shape), fed([groups]), fed([groups])], attributes: { num_groups: int(groups) } }
  },
  LayerNormalization: (rng) => {
    const { x, rest, attributes } = normalized(rng)
    return { inputs: [x, fed(rest), ...(flip(rng) ? [fed(rest)] : [])], attributes, outputCount: between(rng, 1, 3) }
  },
  RMSNormalization: (rng) => {
    const { x, rest, attributes } = normalized(rng)
    return { inputs: [x, fed(rest)], attributes }
  },
  SimplifiedLayerNormalization: (rng) => {
    const { x, rest, attributes } = normalized(rng)
    return { inputs: [x, fed(rest)], attributes, outputCount: between(rng, 1, 2) }
  },
  Dropout: (rng) => ({ inputs: [fed(shapeOf(rng, 1))], outputCount: between(rng, 1, 2) }),
  'com.microsoft.Gelu': unary(),
  'com.microsoft.QuickGelu': unary(),
  'com.microsoft.FastGelu': (rng) => {
    const shape = shapeOf(rng, 1)
    return { inputs: [fed(shape), ...(flip(rng) ? [fed([shape.at(-1)!])] : [])] }
  },
  'com.microsoft.BiasGelu': (rng) => {
    const shape = shapeOf(rng, 1)
    return { inputs: [fed(shape), fed([shape.at(-1)!])] }
  },
  'com.microsoft.SkipLayerNormalization': (rng) => {
    const shape = shapeOf(rng, 3, 3)
    return { inputs: [fed(shape), fed(shape), fed(shape.slice(-1))] }
  },
  'com.microsoft.FusedMatMul': (rng) => {
    const [m, k, n] = shapeOf(rng, 3, 3) as [number, number, number]
    const [transA, transB] = [rng.int(2), rng.int(2)]
    const batch = shapeOf(rng, 0, 2)
    return {
      inputs: [fed([...batch, ...(transA ? [k, m] : [m, k])]), fed([...batch, ...(transB ? [n, k] : [k, n])])],
      attributes: { transA: int(transA), transB: int(transB) },
    }
  },
  'com.microsoft.Attention': (rng) => {
    const [batch, steps, width] = shapeOf(rng, 3, 3) as [number, number, number]
    const hidden = 2 * between(rng, 1, 3)
    return {
      inputs: [fed([batch, steps, width]), fed([width, 3 * hidden]), fed([3 * hidden])],
      attributes: { num_heads: int(2) },
      outputCount: between(rng, 1, 2),
    }
  },
  'com.microsoft.MultiHeadAttention': (rng) => {
    const [batch, steps, past] = shapeOf(rng, 3, 3) as [number, number, number]
    const hidden = 2 * between(rng, 1, 3)
    return {
      inputs: [fed([batch, steps, hidden]), fed([batch, past, hidden]), fed([batch, past, hidden])],
      attributes: { num_heads: int(2) },
    }
  },
  'com.microsoft.EmbedLayerNormalization': (rng) => {
    const [batch, steps, width] = shapeOf(rng, 3, 3) as [number, number, number]
    const ids = fed([batch, steps], 'int32', 2)
    return {
      inputs: [ids, ids, fed([3, width]), fed([9, width]), fed([2, width]), fed([width]), fed([width])],
      outputCount: 2,
    }
  },
}
