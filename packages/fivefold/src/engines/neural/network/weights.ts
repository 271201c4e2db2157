import { FivefoldError, type Rng } from '../../../core/index.ts'
import { elementCount } from '../../../onnx/index.ts'
import type { Declarations } from './scope.ts'

/** Parameters and states by name, float32, row-major. */
export type Weights = ReadonlyMap<string, Float32Array>

/**
 * What training starts from. Each parameter draws from a stream of its own, so that a layer that is added or renamed leaves
 * the others as they were. Yields after each few milliseconds of work.
 */
export function* initialWeights(
  { parameters, states }: Declarations,
  rng: Rng,
): Generator<undefined, Map<string, Float32Array>> {
  const weights = new Map<string, Float32Array>()
  for (const { name, shape, initializer, fan } of parameters) {
    const values = new Float32Array(elementCount(shape))
    yield* initializer(values, fan, rng.fork(name)) ?? []
    weights.set(name, values)
    yield
  }
  for (const { name, shape, initial } of states)
    weights.set(name, typeof initial === 'number' ? filled(shape, initial) : initial.slice())
  return weights
}

const filled = (shape: readonly number[], value: number): Float32Array =>
  new Float32Array(elementCount(shape)).fill(value)

/** The weight called `name`. Throws MODEL_INPUT where it is missing or has another number of values than `shape`. */
export function weightOf(weights: Weights, name: string, shape: readonly number[]): Float32Array {
  const values = weights.get(name)
  if (values?.length === elementCount(shape)) return values
  const found = values === undefined ? 'is missing' : `has ${values.length} values`
  throw new FivefoldError('MODEL_INPUT', `weight '${name}' ${found}; the network expects shape [${shape.join(', ')}]`)
}
