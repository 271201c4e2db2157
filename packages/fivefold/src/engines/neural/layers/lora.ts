import { FivefoldError } from '../../../core/index.ts'
import { createOperations, type TypedValue } from '../../../onnx/index.ts'
import { fanInUniform, zeros } from '../network/initializer.ts'
import type { Scope } from '../network/scope.ts'
import type { Weights } from '../network/weights.ts'
import { activate } from './activation.ts'
import { type DenseOptions, multiplyRows } from './dense.ts'
import { fixedSize } from './sizes.ts'

export interface LoraDenseOptions extends DenseOptions {
  /** Rank of the update. */
  readonly rank: number
  /** The update is scaled by alpha / rank. Default: rank, that is a scale of 1. */
  readonly alpha?: number
}

/**
 * A dense layer with a low-rank update (Hu et al. 2021): y = x W' + b + alpha / rank (x A') B'. Parameters `weight` and `bias`
 * as in `dense`, `lora_a` [rank, in] and `lora_b` [units, rank], which starts at zero. Train with `isTrained: isLoraParameter`
 * to leave the base as it is. Outside training the update is added to the weight once, so it costs nothing.
 */
export function loraDense(scope: Scope, name: string, x: TypedValue, options: LoraDenseOptions): TypedValue {
  const { units, rank, alpha = rank } = options
  const inputs = fixedSize(x, -1, scope.path + name)
  const inner = scope.within(name)
  const weight = inner.parameter('weight', [units, inputs], options.initializer ?? fanInUniform)
  const fan = { fanIn: inputs, fanOut: units }
  const bias = options.bias === false ? undefined : inner.parameter('bias', [units], fanInUniform, fan)
  const down = inner.parameter('lora_a', [rank, inputs], fanInUniform)
  const up = inner.parameter('lora_b', [units, rank], zeros)
  const { graph } = scope
  const operations = createOperations(graph)
  const scale = alpha / rank
  if (!scope.training) {
    const merged = graph.node('Gemm', [up, down, weight], { alpha: { float: scale } })
    return activate(graph, multiplyRows(operations, x, merged, bias), options.activation)
  }
  const update = multiplyRows(operations, multiplyRows(operations, x, down), up)
  const y = operations.add(multiplyRows(operations, x, weight, bias), operations.scale(update, scale))
  return activate(graph, y, options.activation)
}

/** Whether a parameter belongs to a low-rank update. */
export const isLoraParameter = (name: string): boolean => name.endsWith('.lora_a') || name.endsWith('.lora_b')

/**
 * Weights for the same network with `dense` in the place of `loraDense`: updates added to their base, `lora_a` and `lora_b`
 * gone.
 *
 * @param scale alpha / rank of the layer with this name
 * @throws MODEL_INPUT where a part of an update is missing
 */
export function mergeLora(weights: Weights, scale: (layer: string) => number): Map<string, Float32Array> {
  const merged = new Map([...weights].filter(([name]) => !isLoraParameter(name)))
  for (const [name, up] of weights) {
    if (!name.endsWith('.lora_b')) continue
    const layer = name.slice(0, -'.lora_b'.length)
    const down = weights.get(`${layer}.lora_a`)
    const base = weights.get(`${layer}.weight`)
    if (down === undefined || base === undefined)
      throw new FivefoldError('MODEL_INPUT', `layer '${layer}' has lora_b, but not both lora_a and weight`)
    merged.set(`${layer}.weight`, addProduct(base, up, down, scale(layer)))
  }
  return merged
}

/** base + scale * up down, with the rank told from the sizes: |up| |down| = rank^2 |base|. */
function addProduct(base: Float32Array, up: Float32Array, down: Float32Array, scale: number): Float32Array {
  const rank = Math.round(Math.sqrt((up.length * down.length) / base.length))
  const inputs = down.length / rank
  return base.map((value, i) => {
    const row = Math.floor(i / inputs) * rank
    const column = i % inputs
    let sum = 0
    for (let r = 0; r < rank; r++) sum += up[row + r]! * down[r * inputs + column]!
    return value + scale * sum
  })
}
