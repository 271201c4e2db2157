import {
  type Attributes,
  createOperations,
  floats,
  type OperatorName,
  type TypedGraph,
  type TypedValue,
} from '../../../onnx/index.ts'
import { constantFill } from '../network/initializer.ts'
import type { Scope } from '../network/scope.ts'
import { fixedSize } from './sizes.ts'

/** Slope 1/6 around 0, as in PyTorch; the operator's own default is 0.2. */
const HARD_SIGMOID: Attributes = { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }

/** Functions that are one operator. */
const OPERATORS = {
  relu: ['Relu'],
  tanh: ['Tanh'],
  sigmoid: ['Sigmoid'],
  /** x Phi(x), exact (Hendrycks & Gimpel 2016). */
  gelu: ['Gelu'],
  /** GELU by way of tanh. */
  geluTanh: ['Gelu', { approximate: { string: 'tanh' } }],
  leakyRelu: ['LeakyRelu', { alpha: { float: 0.01 } }],
  elu: ['Elu'],
  selu: ['Selu'],
  celu: ['Celu'],
  softplus: ['Softplus'],
  softsign: ['Softsign'],
  hardSigmoid: ['HardSigmoid', HARD_SIGMOID],
} as const satisfies Record<string, readonly [OperatorName, Attributes?]>

type Write = (graph: TypedGraph, x: TypedValue) => TypedValue

const sigmoidOf = (graph: TypedGraph, x: TypedValue): TypedValue => graph.node('Sigmoid', [x])
const times = (graph: TypedGraph, a: TypedValue, b: TypedValue): TypedValue => graph.node('Mul', [a, b])

/** Functions that are a few operators. */
const COMPOSITIONS = {
  /** x sigmoid(x), also called swish (Elfwing et al. 2018). */
  silu: (graph, x) => times(graph, x, sigmoidOf(graph, x)),
  /** x sigmoid(1.702 x), the GELU of CLIP. */
  quickGelu: (graph, x) => times(graph, x, sigmoidOf(graph, createOperations(graph).scale(x, 1.702))),
  /** x tanh(softplus(x)) (Misra 2019). */
  mish: (graph, x) => times(graph, x, graph.node('Tanh', [graph.node('Softplus', [x])])),
  /** x hardSigmoid(x) (Howard et al. 2019). */
  hardSwish: (graph, x) => times(graph, x, graph.node('HardSigmoid', [x], HARD_SIGMOID)),
  /** min(max(x, 0), 6) */
  relu6: (graph, x) => graph.node('Clip', [x, graph.constant(floats([0], [])), graph.constant(floats([6], []))]),
} as const satisfies Record<string, Write>

/** A function that is applied to each value; definitions and defaults as in PyTorch. */
export type Activation = keyof typeof OPERATORS | keyof typeof COMPOSITIONS

export const ACTIVATIONS = [...Object.keys(OPERATORS), ...Object.keys(COMPOSITIONS)] as readonly Activation[]

export function activate(graph: TypedGraph, x: TypedValue, activation: Activation | undefined): TypedValue {
  if (activation === undefined) return x
  if (activation in COMPOSITIONS) return COMPOSITIONS[activation as keyof typeof COMPOSITIONS](graph, x)
  const [op, attributes] = OPERATORS[activation as keyof typeof OPERATORS] as readonly [OperatorName, Attributes?]
  return graph.node(op, [x], attributes)
}

/** The activation as a layer of its own. */
export const activation = (scope: Scope, x: TypedValue, kind: Activation): TypedValue => activate(scope.graph, x, kind)

/** Probabilities along the last axis. */
export const softmax = (scope: Scope, x: TypedValue): TypedValue =>
  scope.graph.node('Softmax', [x], { axis: { int: -1 } })

/**
 * x where positive, else `weight` x (He et al. 2015). Parameter `weight` with one slope, or with one for each channel of
 * axis 1; it starts at 0.25.
 */
export function prelu(
  scope: Scope,
  name: string,
  x: TypedValue,
  options: { readonly perChannel?: boolean } = {},
): TypedValue {
  const count = options.perChannel === true ? fixedSize(x, 1, scope.path + name) : 1
  const weight = scope.within(name).parameter('weight', [count], constantFill(0.25))
  const beside = createOperations(scope.graph).reshape(weight, [count, ...x.shape.slice(2).map(() => 1)])
  return scope.graph.node('PRelu', [x, beside])
}

/** a sigmoid(b) with a and b the halves of the last axis (Dauphin et al. 2017). */
export function gatedLinearUnit(scope: Scope, x: TypedValue): TypedValue {
  const half = fixedSize(x, -1, `${scope.path}gatedLinearUnit`) / 2
  const operations = createOperations(scope.graph)
  const [a, b] = scope.graph.nodeWithOutputs('Split', 2, [x, operations.ints([half, half])], { axis: { int: -1 } })
  return operations.mul(a!, operations.node('Sigmoid', [b]))
}
