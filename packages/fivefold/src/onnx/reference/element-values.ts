import { FivefoldError } from '../../core/index.ts'
import { type ElementType, elementCount, type NumericType, type TensorLiteral, zerosOf } from '../tensor.ts'
import { fromHalf, toHalf } from './half-precision.ts'

/** Floats are computed as doubles and rounded once, when they are stored; integers are computed exactly, as bigints. */

const INTEGERS: ReadonlySet<ElementType> = new Set<ElementType>([
  ...(['int64', 'int32', 'int16', 'int8'] as const),
  ...(['uint64', 'uint32', 'uint16', 'uint8'] as const),
])
const FLOATS: ReadonlySet<ElementType> = new Set<ElementType>(['float', 'double', 'float16'])

export const isInteger = ({ type }: Pick<TensorLiteral, 'type'>): boolean => INTEGERS.has(type)
export const isFloat = ({ type }: Pick<TensorLiteral, 'type'>): boolean => FLOATS.has(type)

/** The elements as numbers; truth values are 0 and 1. */
export function numbersOf(tensor: TensorLiteral): ArrayLike<number> {
  if (tensor.type === 'string') throw new FivefoldError('GRAPH_INVALID', 'texts where numbers are needed')
  if (tensor.type === 'int64' || tensor.type === 'uint64') return Float64Array.from(tensor.data, Number)
  return tensor.type === 'float16' ? Float64Array.from(tensor.data, fromHalf) : tensor.data
}

export function bigintsOf(tensor: TensorLiteral): ArrayLike<bigint> {
  if (tensor.type === 'int64' || tensor.type === 'uint64') return tensor.data
  return Array.from(numbersOf(tensor), (value) => BigInt(Math.trunc(value)))
}

/** Numbers rounded to `type`. Integers out of range wrap, as casts in C do. */
export function fromNumbers(type: ElementType, shape: readonly number[], values: ArrayLike<number>): TensorLiteral {
  if (type === 'string') throw new FivefoldError('GRAPH_INVALID', 'numbers where texts are needed')
  if (type === 'int64' || type === 'uint64')
    return fromBigints(
      type,
      shape,
      Array.from(values, (value) => BigInt(Math.trunc(value))),
    )
  if (type === 'float16') return { type, shape, data: Uint16Array.from(values, toHalf) }
  if (type === 'bool') return { type, shape, data: Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)) }
  const tensor = zerosOf(type, shape)
  ;(tensor.data as Float64Array).set(values)
  return tensor
}

export function fromBigints(type: ElementType, shape: readonly number[], values: ArrayLike<bigint>): TensorLiteral {
  if (type === 'int64') return { type, shape, data: BigInt64Array.from(values) }
  if (type === 'uint64') return { type, shape, data: BigUint64Array.from(values) }
  return fromNumbers(
    type,
    shape,
    Array.from(values, (value) => Number(BigInt.asIntN(64, value))),
  )
}

/** The elements of `tensor` at `positions`, in a new shape; position -1 gives zero, or `filler` where there is one. */
export function pick(
  tensor: TensorLiteral,
  shape: readonly number[],
  positions: ArrayLike<number>,
  filler?: TensorLiteral,
): TensorLiteral {
  const { type } = tensor
  if (type === 'string') {
    const data = Array.from(positions, (at) => (at < 0 ? '' : tensor.data[at]!))
    return { type, shape, data }
  }
  const picked = zerosOf(type, shape)
  const [target, source] = [picked.data as Float64Array, tensor.data as Float64Array]
  const empty = filler === undefined ? undefined : (filler.data as Float64Array)[0]!
  for (let i = 0; i < positions.length; i++) {
    const at = positions[i]!
    if (at >= 0) target[i] = source[at]!
    else if (empty !== undefined) target[i] = empty
  }
  return picked
}

/** The same elements under another shape. */
export const reshaped = (tensor: TensorLiteral, shape: readonly number[]): TensorLiteral =>
  ({ ...tensor, shape }) as TensorLiteral

/** A copy whose elements at `positions[i]` are those of `values` at i. */
export function overwritten(tensor: TensorLiteral, positions: ArrayLike<number>, values: TensorLiteral): TensorLiteral {
  const data = tensor.data.slice() as unknown as Float64Array
  const source = values.data as Float64Array
  for (let i = 0; i < positions.length; i++) data[positions[i]!] = source[i]!
  return { ...tensor, data } as unknown as TensorLiteral
}

/** `value` repeated over a shape. */
export function filled(type: NumericType, shape: readonly number[], value: number): TensorLiteral {
  return fromNumbers(type, shape, new Float64Array(elementCount(shape)).fill(value))
}
