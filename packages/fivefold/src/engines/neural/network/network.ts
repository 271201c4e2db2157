import { FivefoldError } from '../../../core/index.ts'
import type { ElementType, TypedValue } from '../../../onnx/index.ts'
import type { Scope } from './scope.ts'

/** A tensor that is fed, without its batch axis: an image is `tensor('float', 3, 32, 32)`. */
export interface TensorSpec {
  readonly type: ElementType
  readonly shape: readonly number[]
}

export const tensor = (type: ElementType, ...shape: number[]): TensorSpec => ({ type, shape })

/** Named values, each with a batch axis in front. */
export type NamedValues<Names extends string = string> = Readonly<Record<Names, TypedValue>>

/**
 * A network as a function that writes its layers into a graph. The same function writes the graph that trains and the graph
 * that predicts, so the two cannot differ.
 */
export interface Network<Inputs extends string = string, Outputs extends string = string> {
  readonly name: string
  readonly inputs: Readonly<Record<Inputs, TensorSpec>>
  /** Version of the standard operator set that its layers are written in. Default 20. */
  readonly opset?: number
  forward(scope: Scope, inputs: NamedValues<Inputs>): NamedValues<Outputs>
}

/**
 * Declares a network.
 *
 * @example
 * const digits = defineNetwork({
 *   name: 'digits',
 *   inputs: { image: tensor('float', 1, 28, 28) },
 *   forward: (scope, { image }) => {
 *     const features = conv2d(scope, 'conv', image, { channels: 32, kernel: 3, activation: 'relu' })
 *     return { logits: dense(scope, 'head', flatten(scope, features), { units: 10 }) }
 *   },
 * })
 * @throws OPTION_INVALID where an input has a size that is not a positive integer
 */
export function defineNetwork<Inputs extends string, Outputs extends string>(
  network: Network<Inputs, Outputs>,
): Network<Inputs, Outputs> {
  for (const [name, { shape }] of Object.entries<TensorSpec>(network.inputs)) {
    const wrong = shape.find((size) => !Number.isInteger(size) || size < 1)
    if (wrong !== undefined)
      throw new FivefoldError('OPTION_INVALID', `network '${network.name}': input '${name}' has a size ${wrong}`)
  }
  return network
}
