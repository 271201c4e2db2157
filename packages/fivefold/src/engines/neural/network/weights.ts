import { FivefoldError, type Rng } from '../../../core/index.ts'
import { elementCount } from '../../../onnx/index.ts'
import type { Declarations, ParameterSpec } from './scope.ts'

/** Parameters and states by name, float32, row-major. */
export type Weights = ReadonlyMap<string, Float32Array>

/**
 * What training starts from. Each parameter draws from a stream of its own, so that a layer that is added or renamed leaves
 * the others as they were.
 */
export function* initialWeights({ parameters, states }: Declarations, rng: Rng): Generator<[string, Float32Array]> {
  for (const parameter of parameters) yield [parameter.name, initialValues(parameter, rng)]
  for (const { name, shape, initial } of states) {
    const values = typeof initial === 'number' ? new Float32Array(elementCount(shape)).fill(initial) : initial.slice()
    yield [name, values]
  }
}

function initialValues({ name, shape, initializer, fan }: ParameterSpec, rng: Rng): Float32Array {
  const values = new Float32Array(elementCount(shape))
  initializer(values, fan, rng.fork(name))
  return values
}

/** The weight called `name`. Throws MODEL_INPUT where it is missing or has another number of values than `shape`. */
export function weightOf(weights: Weights, name: string, shape: readonly number[]): Float32Array {
  const values = weights.get(name)
  if (values?.length === elementCount(shape)) return values
  const found = values === undefined ? 'is missing' : `has ${values.length} values`
  throw new FivefoldError('MODEL_INPUT', `weight '${name}' ${found}; the network expects shape [${shape.join(', ')}]`)
}
