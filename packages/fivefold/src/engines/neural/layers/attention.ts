import { createOperations, type Operations, type TypedValue } from '../../../onnx/index.ts'
import { fanInUniform, glorotUniform, zeros } from '../network/initializer.ts'
import type { Scope } from '../network/scope.ts'
import { attentionBias } from './attention-mask.ts'
import { multiplyRows } from './dense.ts'
import { dropout } from './dropout.ts'
import { divide, expectAxes, fixedSize } from './sizes.ts'

export interface AttentionOptions {
  /** The features are divided among this many heads. */
  readonly heads: number
  /** What keys and values are made of, [N, keys, features]. Default: x itself. */
  readonly memory?: TypedValue | undefined
  /** Whether step i sees only steps up to i. Default false. */
  readonly causal?: boolean | undefined
  /** Which keys are there: int64 [N] with how many from the start on, or bool [N, keys], true where one is. */
  readonly mask?: TypedValue | undefined
  /** Rate of dropout on the attention weights. Default 0. */
  readonly dropout?: number | undefined
}

/**
 * Multi-head attention (Vaswani et al. 2017) of x [N, queries, features] over itself or a memory. Parameters as PyTorch's
 * MultiheadAttention: `in_proj_weight` [3 features, features] with queries, keys and values below each other, `in_proj_bias`,
 * `out_proj.weight`, `out_proj.bias`.
 *
 * @throws OPTION_INVALID naming the layer where sizes do not fit
 */
export function multiHeadAttention(scope: Scope, name: string, x: TypedValue, options: AttentionOptions): TypedValue {
  const layer = scope.path + name
  const { heads, memory = x } = options
  expectAxes(x, 'N, queries, features', layer)
  expectAxes(memory, 'N, keys, features', layer)
  const features = fixedSize(x, 2, layer)
  const sizes = { queries: fixedSize(x, 1, layer), keys: fixedSize(memory, 1, layer) }
  const headSize = divide(features, heads, layer, 'features')
  const operations = createOperations(scope.graph)
  const inner = scope.within(name)
  const [queries, keys, values] = project(inner, operations, x, options.memory, features)
  const perHead = (value: TypedValue, steps: number, permutation: readonly number[]): TypedValue =>
    operations.transpose(operations.reshape(value, [-1, steps, heads, headSize]), permutation)
  // Queries are smaller than scores, so they take the scale.
  const scaled = perHead(operations.scale(queries, headSize ** -0.5), sizes.queries, [0, 2, 1, 3])
  const scores = operations.matMul(scaled, perHead(keys, sizes.keys, [0, 2, 3, 1]))
  const bias = attentionBias(operations, sizes, options)
  const masked = bias ? operations.add(scores, bias) : scores
  const weights = operations.node('Softmax', [masked], { axis: { int: -1 } })
  const kept = dropout(inner, 'dropout', weights, { rate: options.dropout ?? 0 })
  const mixed = operations.matMul(kept, perHead(values, sizes.keys, [0, 2, 1, 3]))
  const joined = operations.reshape(operations.transpose(mixed, [0, 2, 1, 3]), [-1, sizes.queries, features])
  const output = inner.within('out_proj')
  return multiplyRows(
    operations,
    joined,
    output.parameter('weight', [features, features], fanInUniform),
    output.parameter('bias', [features], zeros),
  )
}

/** Queries, keys and values, each [N, steps, features]. */
function project(
  scope: Scope,
  operations: Operations,
  x: TypedValue,
  memory: TypedValue | undefined,
  features: number,
): readonly [TypedValue, TypedValue, TypedValue] {
  const weight = scope.parameter('in_proj_weight', [3 * features, features], glorotUniform)
  const bias = scope.parameter('in_proj_bias', [3 * features], zeros)
  const parts = (value: TypedValue, axis: number, ...sizes: number[]): readonly TypedValue[] =>
    operations.graph.nodeWithOutputs('Split', sizes.length, [value, operations.ints(sizes)], { axis: { int: axis } })
  if (memory === undefined) {
    const all = multiplyRows(operations, x, weight, bias)
    const [queries, keys, values] = parts(all, 2, features, features, features)
    return [queries!, keys!, values!]
  }
  const [queryWeight, memoryWeight] = parts(weight, 0, features, 2 * features)
  const [queryBias, memoryBias] = parts(bias, 0, features, 2 * features)
  const both = multiplyRows(operations, memory, memoryWeight!, memoryBias)
  const [keys, values] = parts(both, 2, features, features)
  return [multiplyRows(operations, x, queryWeight!, queryBias), keys!, values!]
}
