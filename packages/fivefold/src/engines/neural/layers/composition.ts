import { createOperations, type TypedValue } from '../../../onnx/index.ts'
import type { Scope } from '../network/scope.ts'

/** x + block(x) (He et al. 2016). */
export const residual = (scope: Scope, x: TypedValue, block: (x: TypedValue) => TypedValue): TypedValue =>
  createOperations(scope.graph).add(x, block(x))

/** One step after the other. */
export const sequential = (x: TypedValue, ...steps: readonly ((x: TypedValue) => TypedValue)[]): TypedValue =>
  steps.reduce((value, step) => step(value), x)

/** Values side by side along an axis; default the last. */
export const concatenate = (scope: Scope, values: readonly TypedValue[], axis = -1): TypedValue =>
  scope.graph.node('Concat', [...values], { axis: { int: axis } })

/** Other axes for each row: [N, ...] to [N, ...shape]. */
export const reshape = (scope: Scope, x: TypedValue, shape: readonly number[]): TypedValue =>
  createOperations(scope.graph).reshape(x, [-1, ...shape])
