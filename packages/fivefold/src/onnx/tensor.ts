import { FivefoldError } from '../core/index.ts'
import type { ElementType, TensorLiteral } from './builder.ts'

/** TensorProto.DataType of the types in use (onnx.proto). */
export const ELEMENT_CODES = {
  float: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  double: 11,
  uint32: 12,
} as const satisfies Record<ElementType, number>

const ELEMENT_TYPES = new Map<number, ElementType>(
  Object.entries(ELEMENT_CODES).map(([type, code]) => [code, type as ElementType]),
)

export const elementTypeOf = (code: number): ElementType | undefined => ELEMENT_TYPES.get(code)

export const elementCount = (shape: readonly number[]): number => shape.reduce((count, size) => count * size, 1)

/** The bytes of a numeric tensor without a copy; typed arrays are little-endian wherever Node runs. */
export function bytesOf(literal: Exclude<TensorLiteral, { type: 'string' }>): Uint8Array {
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

const RAW_ARRAYS = {
  float: (b: ArrayBuffer) => new Float32Array(b),
  double: (b: ArrayBuffer) => new Float64Array(b),
  int64: (b: ArrayBuffer) => new BigInt64Array(b),
  int32: (b: ArrayBuffer) => new Int32Array(b),
  bool: (b: ArrayBuffer) => new Uint8Array(b),
}

/** A tensor from its little-endian bytes; copies, since protobuf does not align. */
export function literalFromBytes(type: keyof typeof RAW_ARRAYS, shape: number[], bytes: Uint8Array): TensorLiteral {
  const aligned = Uint8Array.from(bytes).buffer
  try {
    return { type, shape, data: RAW_ARRAYS[type](aligned) } as TensorLiteral
  } catch (cause) {
    throw new FivefoldError('GRAPH_INVALID', `tensor data of ${bytes.length} bytes is not a whole number of ${type}s`, {
      cause,
    })
  }
}

export const isRawType = (type: string): type is keyof typeof RAW_ARRAYS => Object.hasOwn(RAW_ARRAYS, type)
