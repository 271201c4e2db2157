import { createOperations, type TypedValue } from '../../../onnx/index.ts'
import { dense } from '../layers/dense.ts'
import { dropout } from '../layers/dropout.ts'
import { layerNorm } from '../layers/normalization.ts'
import { transformerEncoderLayer } from '../layers/transformer.ts'
import { fanInUniform } from '../network/initializer.ts'
import { defineNetwork, type Network, tensor } from '../network/network.ts'
import type { Scope } from '../network/scope.ts'

/** A network over numbers that are scaled and complete: `features` [N, count] to `scores` [N, outputs]. */
export type TabularNetwork = Network<'features', 'scores'>

export interface MlpOptions {
  /** Units of each hidden layer. Default [256, 128]. */
  readonly hidden?: readonly number[]
  /** Default 0.1. */
  readonly dropout?: number
}

/** Dense layers with ReLU and dropout: the baseline of Gorishniy et al. 2021. */
export function mlpNetwork(features: number, outputs: number, options: MlpOptions = {}): TabularNetwork {
  const { hidden = [256, 128], dropout: rate = 0.1 } = options
  return defineNetwork({
    name: 'mlp',
    inputs: { features: tensor('float', features) },
    forward(scope, { features: x }) {
      const last = hidden.reduce((value, units, i) => {
        const layer = dense(scope, `hidden${i + 1}`, value, { units, activation: 'relu' })
        return dropout(scope, `dropout${i + 1}`, layer, { rate })
      }, x)
      return { scores: dense(scope, 'head', last, { units: outputs }) }
    },
  })
}

export interface FtTransformerOptions {
  /** Size of each feature's token; a multiple of `heads`. Default 64. */
  readonly tokenSize?: number
  /** Default 8. */
  readonly heads?: number
  /** Default 3. */
  readonly layers?: number
  /** Default 0.1. */
  readonly dropout?: number
}

/**
 * FT-Transformer (Gorishniy et al. 2021, Revisiting deep learning models for tabular data): each feature becomes a token
 * x_j w_j + b_j, transformer layers with norms first let tokens attend to each other, and the head reads a token of its own.
 */
export function ftTransformerNetwork(
  features: number,
  outputs: number,
  options: FtTransformerOptions = {},
): TabularNetwork {
  const { tokenSize = 64, heads = 8, layers = 3, dropout: rate = 0.1 } = options
  const layer = { heads, feedForward: 2 * tokenSize, dropout: rate, normFirst: true } as const
  return defineNetwork({
    name: 'ft-transformer',
    inputs: { features: tensor('float', features) },
    forward(scope, { features: x }) {
      let tokens = featureTokens(scope, x, features, tokenSize)
      for (let i = 1; i <= layers; i++) tokens = transformerEncoderLayer(scope, `layer${i}`, tokens, layer)
      const { slice, squeeze } = createOperations(scope.graph)
      const read = squeeze(slice(tokens, [{ axis: 1, start: 0, end: 1 }]), [1])
      const head = scope.graph.node('Relu', [layerNorm(scope, 'norm', read)])
      return { scores: dense(scope, 'head', head, { units: outputs }) }
    },
  })
}

/** [N, features] to [N, 1 + features, size]; the first token belongs to the head, and reads a constant one. */
function featureTokens(scope: Scope, x: TypedValue, features: number, size: number): TypedValue {
  const operations = createOperations(scope.graph)
  const fan = { fanIn: size, fanOut: size }
  const weight = scope.parameter('tokens.weight', [1 + features, size], fanInUniform, fan)
  const bias = scope.parameter('tokens.bias', [features, size], fanInUniform, fan)
  const column = operations.slice(x, [{ axis: 1, start: 0, end: 1 }])
  const one = operations.shift(operations.scale(column, 0), 1)
  const values = operations.unsqueeze(operations.concat([one, x], 1), [2])
  const noBias = operations.zeros([1, size], 'float')
  return operations.add(operations.mul(values, weight), operations.concat([noBias, bias], 0))
}
