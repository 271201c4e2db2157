import type { ElementType, TensorLiteral } from '../../tensor.ts'
import {
  integers,
  type OperatorCase,
  type OperatorCases,
  of,
  operatorCase,
  spread,
  truths,
} from './operator-case.reference.ts'

const SHAPE = [3, 4] as const
const float = (value: number) => ({ float: value })

/** One input of floats, between bounds that suit the function. */
const smooth = (low = -2, high = 2): OperatorCases => [
  operatorCase('floats', [spread(SHAPE, low, high)]),
  operatorCase('one', [spread([], low / 2, high)]),
]

const flat = (type: ElementType = 'float', ...values: number[]): OperatorCases => [
  operatorCase('values', [of(type, [values.length], ...values)], { differentiable: [] }),
  operatorCase('random', [spread(SHAPE, -3, 3, type)], { differentiable: [] }),
]

/** An activation with its default constants and with others. */
const activation = (constants: Readonly<Record<string, number>> = {}): OperatorCases => {
  const attributes = Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, float(value)]))
  const cases = [operatorCase('constants', [spread([24], -3, 3)], { attributes })]
  return [operatorCase('defaults', [spread([24], -3, 3)]), ...(Object.keys(constants).length > 0 ? cases : [])]
}

/** Pairs of shapes that broadcast in different ways. */
const PAIRS: readonly (readonly [readonly number[], readonly number[]])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[], [5]],
]

const pairs = (type: ElementType, low: number, high: number, options = {}): [OperatorCase, ...OperatorCase[]] =>
  PAIRS.map(([a, b]) =>
    operatorCase(`${type} [${a}] [${b}]`, [number(type, a, low, high), number(type, b, low, high)], options),
  ) as [OperatorCase, ...OperatorCase[]]

const number = (type: ElementType, shape: readonly number[], low: number, high: number): TensorLiteral =>
  type === 'float' || type === 'double' || type === 'float16'
    ? spread(shape, low, high, type)
    : integers(shape, low, high, type)

const arithmetic = (low = -2, high = 2): OperatorCases => [
  ...pairs('float', low, high),
  ...pairs('double', low, high).slice(0, 1),
  operatorCase('half precision', [spread(SHAPE, low, high, 'float16'), spread([4], low, high, 'float16')], {
    differentiable: [],
  }),
  ...pairs('int64', 1, 50).slice(1, 3),
  operatorCase('int32 below zero', [integers(SHAPE, -50, -1, 'int32'), integers(SHAPE, 1, 7, 'int32')]),
]

const comparison = (): OperatorCases => [
  ...pairs('float', -2, 2, { differentiable: [] }),
  ...pairs('int64', 0, 3, { differentiable: [] }),
  operatorCase('equal floats', [of('float', [3], 1, 2, 3), of('float', [3], 1, 3, 2)], { differentiable: [] }),
]

const logic = (): OperatorCases => [
  operatorCase('equal shapes', [truths(SHAPE), truths(SHAPE)]),
  operatorCase('broadcast', [truths([3, 1]), truths([4])]),
]

/** Min, Max, Sum, Mean: one to three inputs. */
const variadic = (): OperatorCases => [
  operatorCase('two', [spread([2, 3], -2, 2), spread([3], -1, 3)]),
  operatorCase('three', [spread([2, 1, 3]), spread([3], -1, 1), spread([4, 1], 0, 3)]),
  operatorCase('one', [spread(SHAPE)]),
]

const INFINITE = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 1] as const

export const ELEMENTWISE_CASES = {
  Abs: [...smooth(), operatorCase('int64', [integers(SHAPE, -9, 9)])],
  Neg: [...smooth(), operatorCase('int64', [integers(SHAPE, -9, 9)])],
  Sign: flat('float', -2, 0, 3),
  Exp: smooth(),
  Log: smooth(0.2, 4),
  Sqrt: smooth(0.2, 4),
  Reciprocal: smooth(0.3, 3),
  Floor: flat('float', -1.5, 1.5, 2),
  Ceil: flat('float', -1.5, 1.5, 2),
  Round: flat('float', -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.6),
  Erf: [...smooth(), operatorCase('far out', [of('float', [4], -7, -3.5, 3.5, 7)])],
  Sin: smooth(),
  Cos: smooth(),
  Tan: smooth(-1.2, 1.2),
  Asin: smooth(-0.9, 0.9),
  Acos: smooth(-0.9, 0.9),
  Atan: smooth(),
  Sinh: smooth(),
  Cosh: smooth(),
  Tanh: smooth(),
  Asinh: smooth(),
  Acosh: smooth(1.2, 4),
  Atanh: smooth(-0.9, 0.9),
  Relu: smooth(),
  LeakyRelu: activation({ alpha: 0.3 }),
  PRelu: [
    operatorCase('slope of every element', [spread(SHAPE), spread(SHAPE, 0, 1)]),
    operatorCase('slope of a channel', [spread([2, 3, 4]), spread([3, 1], 0, 1)]),
    operatorCase('one slope', [spread(SHAPE), spread([1], 0, 1)]),
  ],
  Elu: activation({ alpha: 0.7 }),
  Selu: activation({ alpha: 1.5, gamma: 1.2 }),
  Celu: activation({ alpha: 0.7 }),
  Gelu: [
    ...activation(),
    operatorCase('tanh', [spread([24], -3, 3)], { attributes: { approximate: { string: 'tanh' } } }),
  ],
  Mish: activation(),
  Sigmoid: [...smooth(-6, 6), operatorCase('double', [spread([8], -6, 6, 'double')])],
  HardSigmoid: activation({ alpha: 0.4, beta: 0.3 }),
  HardSwish: [operatorCase('floats', [spread([24], -5, 5)])],
  Softplus: smooth(-6, 6),
  Softsign: smooth(),
  ThresholdedRelu: activation({ alpha: 0.5 }),
  Clip: [
    operatorCase('both', [spread([24], -3, 3), of('float', [], -1.03), of('float', [], 2.07)], { differentiable: [0] }),
    operatorCase('below', [spread([24], -3, 3), of('float', [], -1.03)], { differentiable: [0] }),
    operatorCase('above', [spread([24], -3, 3), undefined, of('float', [], 0.51)], { differentiable: [0] }),
    operatorCase('none', [spread([6])]),
    operatorCase('int64', [integers([12], -9, 9), of('int64', [], -3), of('int64', [], 4)]),
  ],
  Identity: [...smooth(), operatorCase('texts', [{ type: 'string', shape: [2], data: ['a', 'b'] }])],
  Cast: [
    operatorCase('float to double', [spread(SHAPE)], { attributes: { to: { int: 11 } } }),
    operatorCase('double to float', [spread(SHAPE, -2, 2, 'double')], {
      attributes: { to: { int: 1 } },
      differentiable: [],
    }),
    operatorCase('float to int64', [spread(SHAPE, -9, 9)], { attributes: { to: { int: 7 } }, differentiable: [] }),
    operatorCase('float to int32', [spread(SHAPE, -9, 9)], { attributes: { to: { int: 6 } }, differentiable: [] }),
    operatorCase('float to bool', [of('float', [4], 0, -1, 0.5, 2)], {
      attributes: { to: { int: 9 } },
      differentiable: [],
    }),
    operatorCase('float to half', [spread([40], -9, 9)], { attributes: { to: { int: 10 } }, differentiable: [] }),
    operatorCase('half to float', [spread([40], -9, 9, 'float16')], {
      attributes: { to: { int: 1 } },
      differentiable: [],
    }),
    operatorCase('int64 to int32', [integers(SHAPE, -9, 9)], { attributes: { to: { int: 6 } } }),
    operatorCase('int64 to uint8', [integers(SHAPE, -900, 900)], { attributes: { to: { int: 2 } } }),
    operatorCase('bool to float', [truths(SHAPE)], { attributes: { to: { int: 1 } } }),
    operatorCase('int64 to text', [integers([4], -9, 9)], { attributes: { to: { int: 8 } } }),
    operatorCase('text to float', [{ type: 'string', shape: [4], data: ['1.5', '-2', '1e3', 'inf'] }], {
      attributes: { to: { int: 1 } },
    }),
    operatorCase('text to int64', [{ type: 'string', shape: [2], data: ['7', '-2'] }], {
      attributes: { to: { int: 7 } },
    }),
  ],
  CastLike: [
    operatorCase('float like double', [spread(SHAPE), of('double', [1], 0)], { differentiable: [0] }),
    operatorCase('float like int64', [spread(SHAPE), of('int64', [1], 0)], { differentiable: [] }),
  ],
  IsNaN: [operatorCase('values', [of('float', [5], ...INFINITE)], { differentiable: [] })],
  IsInf: [
    operatorCase('both', [of('float', [5], ...INFINITE)], { differentiable: [] }),
    operatorCase('positive', [of('float', [5], ...INFINITE)], {
      attributes: { detect_negative: { int: 0 } },
      differentiable: [],
    }),
    operatorCase('negative', [of('float', [5], ...INFINITE)], {
      attributes: { detect_positive: { int: 0 } },
      differentiable: [],
    }),
  ],
  Not: [operatorCase('values', [truths(SHAPE)])],

  Add: arithmetic(),
  Sub: arithmetic(),
  Mul: arithmetic(),
  Div: arithmetic(0.3, 3),
  Pow: [
    ...pairs('float', 0.3, 2),
    operatorCase('squares of any sign', [spread(SHAPE), of('float', [], 2)], { differentiable: [0] }),
    operatorCase('cubes of any sign', [spread(SHAPE), of('float', [], 3)], { differentiable: [0] }),
    operatorCase('int64 exponent', [spread(SHAPE), of('int64', [1], 2)]),
    operatorCase('integers', [integers(SHAPE, -4, 4), integers(SHAPE, 0, 4)]),
  ],
  Mod: [
    operatorCase('floats', [spread(SHAPE, -9, 9), of('float', [], 2.5)], {
      attributes: { fmod: { int: 1 } },
      differentiable: [0],
    }),
    operatorCase('integers', [of('int64', [6], -7, -4, 7, 7, -7, 6), of('int64', [6], 3, 2, -3, 3, -3, -3)]),
    operatorCase('integers, as in C', [of('int64', [4], -7, 7, 7, -7), of('int64', [4], 3, -3, 3, -3)], {
      attributes: { fmod: { int: 1 } },
    }),
  ],
  Min: variadic(),
  Max: [...variadic(), operatorCase('int64', [integers(SHAPE, -9, 9), integers([4], -9, 9)])],
  Sum: variadic(),
  Mean: variadic(),
  Where: [
    operatorCase('equal shapes', [truths(SHAPE), spread(SHAPE), spread(SHAPE)]),
    operatorCase('broadcast', [truths([3, 1]), spread([4]), spread([])]),
    operatorCase('int64', [truths([3, 1]), integers([4], 0, 9), integers([1], 0, 9)]),
    operatorCase('texts', [
      truths([3]),
      { type: 'string', shape: [3], data: ['a', 'b', 'c'] },
      { type: 'string', shape: [1], data: ['z'] },
    ]),
  ],
  And: logic(),
  Or: logic(),
  Xor: logic(),
  Equal: [
    ...comparison(),
    operatorCase('texts', [
      { type: 'string', shape: [2], data: ['a', 'b'] },
      { type: 'string', shape: [1], data: ['b'] },
    ]),
  ],
  Less: comparison(),
  LessOrEqual: comparison(),
  Greater: comparison(),
  GreaterOrEqual: comparison(),
} satisfies Record<string, OperatorCases>
