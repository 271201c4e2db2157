import {
  attributes,
  integers,
  ints,
  type OperatorCases,
  of,
  operatorCase,
  scalarInt,
  spread,
} from './operator-case.reference.ts'

const SHAPE = [2, 3, 4] as const

const AXES: readonly (readonly number[] | undefined)[] = [undefined, [1], [-1], [0, 2]]

/** Every choice of axes with and without keeping them. */
const overAxes = (low: number, high: number): OperatorCases => {
  const cases = AXES.flatMap((axes) =>
    [0, 1].map((keepdims) =>
      operatorCase(`axes ${axes ?? 'all'}, keepdims ${keepdims}`, [spread(SHAPE, low, high), axes && ints(...axes)], {
        attributes: attributes({ keepdims }),
      }),
    ),
  )
  return [
    operatorCase('none', [spread(SHAPE, low, high), ints()], { attributes: attributes({ noop_with_empty_axes: 1 }) }),
    operatorCase('axes before opset 18', [spread(SHAPE, low, high)], {
      attributes: attributes({ axes: [1] }),
      opset: 11,
    }),
    ...cases,
  ]
}

const integerSum = operatorCase('int64', [integers(SHAPE, 1, 5), ints(1)])

const best = (): OperatorCases => [
  operatorCase('default', [spread(SHAPE)], { differentiable: [] }),
  ...[0, 1].flatMap((keepdims) =>
    [0, -1].map((axis) =>
      operatorCase(`axis ${axis}, keepdims ${keepdims}`, [spread(SHAPE)], {
        attributes: attributes({ axis, keepdims }),
        differentiable: [],
      }),
    ),
  ),
  operatorCase('first of equal ones', [of('float', [4], 1, 2, 2, 1)], { differentiable: [] }),
  operatorCase('last of equal ones', [of('float', [4], 1, 2, 2, 1)], {
    attributes: attributes({ select_last_index: 1 }),
    differentiable: [],
  }),
]

const normalised = (differentiable?: readonly number[]): OperatorCases => [
  operatorCase('last axis', [spread(SHAPE, -4, 4)], differentiable ? { differentiable } : {}),
  ...[0, 1].map((axis) =>
    operatorCase(`axis ${axis}`, [spread(SHAPE, -4, 4)], {
      attributes: attributes({ axis }),
      ...(differentiable ? { differentiable } : {}),
    }),
  ),
]

export const REDUCTION_CASES = {
  ReduceSum: [...overAxes(-2, 2), integerSum],
  ReduceMean: overAxes(-2, 2),
  ReduceMax: [...overAxes(-2, 2), integerSum],
  ReduceMin: [...overAxes(-2, 2), integerSum],
  ReduceProd: [...overAxes(0.5, 1.5), integerSum],
  ReduceL1: overAxes(-2, 2),
  ReduceL2: overAxes(-2, 2),
  ReduceLogSum: overAxes(0.5, 2),
  ReduceLogSumExp: [...overAxes(-2, 2), operatorCase('large', [of('float', [3], 500, 501, 499)])],
  ReduceSumSquare: overAxes(-2, 2),
  ArgMax: best(),
  ArgMin: best(),
  CumSum: [
    operatorCase('axis 0', [spread(SHAPE), scalarInt(0)]),
    ...[0, 1].flatMap((exclusive) =>
      [0, 1].map((reverse) =>
        operatorCase(`exclusive ${exclusive}, reverse ${reverse}`, [spread(SHAPE), scalarInt(-1)], {
          attributes: attributes({ exclusive, reverse }),
        }),
      ),
    ),
    operatorCase('int64', [integers(SHAPE, -9, 9), scalarInt(1)], { attributes: attributes({ exclusive: 1 }) }),
  ],
  TopK: [
    operatorCase('last axis', [spread([3, 7]), ints(3)], { outputs: 2 }),
    operatorCase('smallest along axis 0', [spread([5, 3]), ints(2)], {
      attributes: attributes({ axis: 0, largest: 0 }),
      outputs: 2,
    }),
    operatorCase('ties', [of('float', [6], 1, 2, 2, 1, 2, 0), ints(4)], { outputs: 2, differentiable: [] }),
    operatorCase('int64', [integers([2, 6], -9, 9), ints(3)], { outputs: 2 }),
  ],
  Softmax: normalised(),
  LogSoftmax: normalised(),
  Hardmax: normalised([]),
} satisfies Record<string, OperatorCases>
