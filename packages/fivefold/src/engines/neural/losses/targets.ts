import { FivefoldError } from '../../../core/index.ts'
import { elementCount, fixedShape, type Operations, type TypedValue } from '../../../onnx/index.ts'

/** The value called `name`. Throws OPTION_INVALID where the network or the program has none. */
export function named(values: Readonly<Record<string, TypedValue>>, name: string, what: string): TypedValue {
  const value = values[name]
  if (value !== undefined) return value
  const known = Object.keys(values).join(', ')
  throw new FivefoldError('OPTION_INVALID', `the loss reads the ${what} '${name}'; there are: ${known || 'none'}`)
}

/** A float target in the shape of the output that it belongs to: [N] may stand for [N, 1]. Throws OPTION_INVALID. */
export function shapedLike(operations: Operations, target: TypedValue, output: TypedValue): TypedValue {
  const float = operations.cast(target, 'float')
  const shape = fixedShape(output)
  if (elementCount(fixedShape(target)) === elementCount(shape)) return operations.reshape(float, shape)
  throw new FivefoldError(
    'OPTION_INVALID',
    `the target '${target.name}' [${target.shape.join(', ')}] does not fit the output [${shape.join(', ')}]`,
  )
}
