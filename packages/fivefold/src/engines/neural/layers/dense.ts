import { createOperations, type Operations, type TypedValue } from '../../../onnx/index.ts'
import { fanInUniform, type Initializer } from '../network/initializer.ts'
import type { Scope } from '../network/scope.ts'
import { type Activation, activate } from './activation.ts'
import { fixedSize } from './sizes.ts'

export interface DenseOptions {
  /** Size of the last axis of the result. */
  readonly units: number
  readonly activation?: Activation
  /** Default true. */
  readonly bias?: boolean
  /** Default: uniform within 1/sqrt(inputs), as PyTorch's Linear. */
  readonly initializer?: Initializer
}

/**
 * y = x W' + b over the last axis; [N, ..., in] to [N, ..., units]. Parameters `weight` [units, in] and `bias` [units], laid
 * out as PyTorch's.
 */
export function dense(scope: Scope, name: string, x: TypedValue, options: DenseOptions): TypedValue {
  const { units } = options
  const inner = scope.within(name)
  const inputs = fixedSize(x, -1, scope.path + name)
  const weight = inner.parameter('weight', [units, inputs], options.initializer ?? fanInUniform)
  const fan = { fanIn: inputs, fanOut: units }
  const bias = options.bias === false ? undefined : inner.parameter('bias', [units], fanInUniform, fan)
  return activate(scope.graph, multiplyRows(createOperations(scope.graph), x, weight, bias), options.activation)
}

/** x W' + b with the leading axes of x laid end to end: one product, which is the fastest way to do it. */
export function multiplyRows(operations: Operations, x: TypedValue, weight: TypedValue, bias?: TypedValue): TypedValue {
  const [units, inputs] = weight.shape as readonly number[]
  const rows = x.shape.length === 2 ? x : operations.reshape(x, [-1, inputs!])
  const flat = operations.node('Gemm', bias ? [rows, weight, bias] : [rows, weight], { transB: { int: 1 } })
  return x.shape.length === 2 ? flat : operations.reshape(flat, [-1, ...middleSizes(x), units!])
}

/** The sizes between the first axis and the last. */
function middleSizes(x: TypedValue): number[] {
  return x.shape.slice(1, -1).map((_, i) => fixedSize(x, i + 1, x.name))
}

/** [N, ...] to [N, product of the rest]. */
export const flatten = (scope: Scope, x: TypedValue): TypedValue =>
  scope.graph.node('Flatten', [x], { axis: { int: 1 } })
