import { createOperations, type TypedValue } from '../../../onnx/index.ts'
import type { Scope } from '../network/scope.ts'
import type { Activation } from './activation.ts'
import { multiHeadAttention } from './attention.ts'
import { dense } from './dense.ts'
import { dropout } from './dropout.ts'
import { layerNorm } from './normalization.ts'
import { fixedSize } from './sizes.ts'

export interface TransformerOptions {
  readonly heads: number
  /** Size of the hidden layer between attentions; four times the features is usual. */
  readonly feedForward: number
  /** Rate of dropout on attention weights, hidden layer and each branch. Default 0.1. */
  readonly dropout?: number
  /** Default 'relu'. */
  readonly activation?: Activation
  /** Whether branches normalise what they read rather than the sum after them. Default false, as in PyTorch. */
  readonly normFirst?: boolean
  /** Whether step i sees only steps up to i. Default false for an encoder layer, true for a decoder layer. */
  readonly causal?: boolean
  /** Which steps of x are there: int64 [N] with how many from the start on, or bool [N, steps]. */
  readonly mask?: TypedValue
}

export interface DecoderOptions extends TransformerOptions {
  /** What the decoder attends to, [N, keys, features]. */
  readonly memory: TypedValue
  /** Which steps of the memory are there, like `mask`. */
  readonly memoryMask?: TypedValue
}

/**
 * Attention and a dense network, each with a residual connection and layer normalisation, over [N, steps, features]. Parameters
 * as PyTorch's TransformerEncoderLayer: `self_attn`, `linear1`, `linear2`, `norm1`, `norm2`.
 */
export function transformerEncoderLayer(
  scope: Scope,
  name: string,
  x: TypedValue,
  options: TransformerOptions,
): TypedValue {
  const inner = scope.within(name)
  const attended = branch(inner, 1, x, options, (value) => selfAttention(inner, value, options, false))
  return branch(inner, 2, attended, options, (value) => feedForward(inner, value, options))
}

/**
 * An encoder layer with attention over a memory between its two parts, causal unless told otherwise. Parameters as PyTorch's
 * TransformerDecoderLayer: `self_attn`, `multihead_attn`, `linear1`, `linear2`, `norm1`, `norm2`, `norm3`.
 */
export function transformerDecoderLayer(
  scope: Scope,
  name: string,
  x: TypedValue,
  options: DecoderOptions,
): TypedValue {
  const inner = scope.within(name)
  const attended = branch(inner, 1, x, options, (value) => selfAttention(inner, value, options, true))
  const informed = branch(inner, 2, attended, options, (value) => memoryAttention(inner, value, options))
  return branch(inner, 3, informed, options, (value) => feedForward(inner, value, options))
}

/** The residual connection around `write`, its normalisation and its dropout. */
function branch(
  scope: Scope,
  number: number,
  x: TypedValue,
  { normFirst = false, dropout: rate = 0.1 }: TransformerOptions,
  write: (value: TypedValue) => TypedValue,
): TypedValue {
  const { add } = createOperations(scope.graph)
  const norm = (value: TypedValue): TypedValue => layerNorm(scope, `norm${number}`, value)
  const written = dropout(scope, `dropout${number}`, write(normFirst ? norm(x) : x), { rate })
  return normFirst ? add(x, written) : norm(add(x, written))
}

function selfAttention(scope: Scope, x: TypedValue, options: TransformerOptions, causal: boolean): TypedValue {
  const { heads, mask, dropout: rate = 0.1 } = options
  return multiHeadAttention(scope, 'self_attn', x, { heads, mask, dropout: rate, causal: options.causal ?? causal })
}

function memoryAttention(scope: Scope, x: TypedValue, options: DecoderOptions): TypedValue {
  const { heads, memory, memoryMask, dropout: rate = 0.1 } = options
  return multiHeadAttention(scope, 'multihead_attn', x, { heads, memory, mask: memoryMask, dropout: rate })
}

function feedForward(scope: Scope, x: TypedValue, options: TransformerOptions): TypedValue {
  const { activation = 'relu', dropout: rate = 0.1 } = options
  const hidden = dense(scope, 'linear1', x, { units: options.feedForward, activation })
  const kept = dropout(scope, 'dropout', hidden, { rate })
  return dense(scope, 'linear2', kept, { units: fixedSize(x, -1, scope.path) })
}
