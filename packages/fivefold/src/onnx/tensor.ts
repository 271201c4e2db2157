import { FivefoldError } from '../core/index.ts'

/** TensorProto.DataType of the element types in use (onnx.proto). */
export const ELEMENT_CODES = {
  float: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  double: 11,
  uint32: 12,
  uint64: 13,
} as const

/** Element types of tensors that graphs here are built from. */
export type ElementType = keyof typeof ELEMENT_CODES

/** A dimension: a fixed size, or the name of one that is known only when the graph runs ('N' for rows). */
export type Dimension = number | string

/** The arrays that hold each element type. float16 keeps its bits; bool is one byte an element. */
interface ElementArrays {
  float: Float32Array
  double: Float64Array
  int64: BigInt64Array
  int32: Int32Array
  uint32: Uint32Array
  uint64: BigUint64Array
  uint16: Uint16Array
  int16: Int16Array
  uint8: Uint8Array
  int8: Int8Array
  float16: Uint16Array
  bool: Uint8Array
  string: readonly string[]
}

/** A tensor with values, row-major. int64 and uint64 values are bigints. */
export type TensorLiteral = {
  [Type in ElementType]: { readonly type: Type; readonly shape: readonly number[]; readonly data: ElementArrays[Type] }
}[ElementType]

/** A tensor of one element type. */
export type TensorOf<Type extends ElementType> = Extract<TensorLiteral, { type: Type }>

export type NumericType = Exclude<ElementType, 'string'>
export type NumericTensor = TensorOf<NumericType>

const ELEMENT_TYPES = new Map<number, ElementType>(
  Object.entries(ELEMENT_CODES).map(([type, code]) => [code, type as ElementType]),
)

export const elementTypeOf = (code: number): ElementType | undefined => ELEMENT_TYPES.get(code)

export const elementCount = (shape: readonly number[]): number => shape.reduce((count, size) => count * size, 1)

/** The bytes of a numeric tensor without a copy; typed arrays are little-endian wherever Node runs. */
export function bytesOf(literal: NumericTensor): Uint8Array {
  return new Uint8Array(literal.data.buffer, literal.data.byteOffset, literal.data.byteLength)
}

export function checkLiteral(literal: TensorLiteral, place: string): void {
  const expected = elementCount(literal.shape)
  if (literal.data.length === expected) return
  throw new FivefoldError(
    'GRAPH_INVALID',
    `${place}: shape [${literal.shape.join(', ')}] needs ${expected} values, got ${literal.data.length}`,
  )
}

/** How arrays over memory are made, for each numeric type. */
const ARRAY_TYPES = {
  float: Float32Array,
  double: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint8: Uint8Array,
  int8: Int8Array,
  float16: Uint16Array,
  bool: Uint8Array,
} as const satisfies Record<NumericType, unknown>

export const isNumericType = (type: string): type is NumericType => Object.hasOwn(ARRAY_TYPES, type)

export const elementBytesOf = (type: NumericType): number => ARRAY_TYPES[type].BYTES_PER_ELEMENT

/** A tensor from its little-endian bytes: a view of them where they are aligned, a copy where not. */
export function literalFromBytes(type: NumericType, shape: readonly number[], bytes: Uint8Array): TensorLiteral {
  const ArrayType = ARRAY_TYPES[type]
  const elementBytes = elementBytesOf(type)
  if (bytes.byteLength % elementBytes !== 0) {
    throw new FivefoldError('GRAPH_INVALID', `tensor data of ${bytes.length} bytes is not a whole number of ${type}s`)
  }
  const aligned = bytes.byteOffset % elementBytes === 0 ? bytes : Uint8Array.from(bytes)
  const data = new ArrayType(aligned.buffer as ArrayBuffer, aligned.byteOffset, aligned.byteLength / elementBytes)
  return { type, shape, data } as TensorLiteral
}

/** A tensor of zeros. */
export function zerosOf(type: NumericType, shape: readonly number[]): NumericTensor {
  return { type, shape, data: new ARRAY_TYPES[type](elementCount(shape)) } as NumericTensor
}

export const floats = (values: ArrayLike<number>, shape: readonly number[] = [values.length]): TensorLiteral => ({
  type: 'float',
  shape,
  data: Float32Array.from(values),
})

export const int64s = (values: readonly number[], shape: readonly number[] = [values.length]): TensorLiteral => ({
  type: 'int64',
  shape,
  data: BigInt64Array.from(values, BigInt),
})
