/**
 * The element types of safetensors that are read and written, with the arrays that hold them. F16 and BF16 keep their
 * bits (`floatsOf` gives numbers), BOOL is one byte an element.
 */
interface ElementArrays {
  F64: Float64Array
  F32: Float32Array
  F16: Uint16Array
  BF16: Uint16Array
  I64: BigInt64Array
  U64: BigUint64Array
  I32: Int32Array
  U32: Uint32Array
  I16: Int16Array
  U16: Uint16Array
  I8: Int8Array
  U8: Uint8Array
  BOOL: Uint8Array
}

export type SafeTensorType = keyof ElementArrays

/** A tensor with its values, row-major. */
export type SafeTensor = {
  [Type in SafeTensorType]: {
    readonly type: Type
    readonly shape: readonly number[]
    readonly data: ElementArrays[Type]
  }
}[SafeTensorType]

/** A file of tensors. Views of a file that was read, where they could be; writing to them writes to its bytes. */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, SafeTensor>
  readonly metadata: Readonly<Record<string, string>>
}

export const ARRAY_TYPES = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const satisfies Record<SafeTensorType, unknown>

/** The order in which the format's own library lays tensors out: wide elements first, so that all are aligned. */
export const TYPES_IN_FILE_ORDER: readonly SafeTensorType[] = [
  ...(['U64', 'I64', 'F64', 'F32', 'U32', 'I32', 'BF16', 'F16', 'U16', 'I16', 'I8', 'U8', 'BOOL'] as const),
]

export const isKnownType = (type: string): type is SafeTensorType => Object.hasOwn(ARRAY_TYPES, type)

/** The name of the key that is not a tensor. */
export const METADATA_KEY = '__metadata__'
/** The format's own limit. */
export const MAX_HEADER_BYTES = 100_000_000
/** An unsigned 64-bit number, little-endian, with the length of the header. */
export const LENGTH_BYTES = 8

export const elementCount = (shape: readonly number[]): number => shape.reduce((count, size) => count * size, 1)
