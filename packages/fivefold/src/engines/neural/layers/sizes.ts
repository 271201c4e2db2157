import { FivefoldError } from '../../../core/index.ts'
import type { TypedValue } from '../../../onnx/index.ts'

/** The size of an axis, which may count from the back. Throws OPTION_INVALID naming the layer where it is not fixed. */
export function fixedSize(x: TypedValue, axis: number, layer: string): number {
  const size = x.shape.at(axis)
  if (typeof size === 'number') return size
  throw new FivefoldError('OPTION_INVALID', `${layer}: axis ${axis} of [${x.shape.join(', ')}] must have a fixed size`)
}

/** Throws OPTION_INVALID naming the layer where `x` has another rank than `axes` has letters. */
export function expectAxes(x: TypedValue, axes: string, layer: string): void {
  if (x.shape.length === axes.split(', ').length) return
  throw new FivefoldError('OPTION_INVALID', `${layer} takes [${axes}], got [${x.shape.join(', ')}]`)
}

/** Throws OPTION_INVALID naming the layer where `total` does not divide into `parts`. */
export function divide(total: number, parts: number, layer: string, what: string): number {
  if (Number.isInteger(parts) && parts > 0 && total % parts === 0) return total / parts
  throw new FivefoldError('OPTION_INVALID', `${layer}: ${total} ${what} do not divide by ${parts}`)
}
