import { createOperations, dropoutMask, type TypedValue } from '../../../onnx/index.ts'
import type { Scope } from '../network/scope.ts'

export interface DropoutOptions {
  /** Share of the values that are set to zero in training; the others grow by 1 / (1 - rate). */
  readonly rate: number
}

/**
 * Dropout (Srivastava et al. 2014). What is dropped follows from the fed seed and the layer's name alone. Does nothing outside
 * training.
 *
 * @throws OPTION_INVALID where the rate is not in [0, 1)
 */
export function dropout(scope: Scope, name: string, x: TypedValue, { rate }: DropoutOptions): TypedValue {
  if (!scope.training || rate === 0) return x
  const source = { seed: scope.seed(), layer: scope.path + name }
  const operations = createOperations(scope.graph)
  return operations.mul(x, dropoutMask(operations, source, x.shape, rate))
}
