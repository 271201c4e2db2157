import { FivefoldError } from '../../../core/index.ts'
import { TENSOR_DATATYPES, type TensorCell, type TensorDatatype } from './tensor-types.ts'

/**
 * Elements of a tensor in the binary extension: little-endian, row-major; BYTES elements each after their length
 * (uint32); BOOL one byte.
 *
 * @throws REQUEST_INVALID where the bytes are not exactly `count` elements
 */
export function readBinaryTensor(bytes: Buffer, datatype: TensorDatatype, count: number, name: string): TensorCell[] {
  if (datatype === 'BYTES') return readTexts(bytes, count, name)
  const width = TENSOR_DATATYPES[datatype].bytes
  if (bytes.length !== width * count)
    throw new FivefoldError(
      'REQUEST_INVALID',
      `input '${name}': ${bytes.length} bytes for ${count} ${datatype} elements`,
    )
  const read = READERS[datatype]
  return Array.from({ length: count }, (_, i) => read(bytes, i * width))
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

const READERS: Record<Exclude<TensorDatatype, 'BYTES'>, (bytes: Buffer, at: number) => TensorCell> = {
  BOOL: (bytes, at) => bytes.readUInt8(at) !== 0,
  UINT8: (bytes, at) => bytes.readUInt8(at),
  UINT16: (bytes, at) => bytes.readUInt16LE(at),
  UINT32: (bytes, at) => bytes.readUInt32LE(at),
  UINT64: (bytes, at) => narrow(bytes.readBigUInt64LE(at)),
  INT8: (bytes, at) => bytes.readInt8(at),
  INT16: (bytes, at) => bytes.readInt16LE(at),
  INT32: (bytes, at) => bytes.readInt32LE(at),
  INT64: (bytes, at) => narrow(bytes.readBigInt64LE(at)),
  FP16: (bytes, at) => finite(halfToNumber(bytes.readUInt16LE(at))),
  FP32: (bytes, at) => finite(bytes.readFloatLE(at)),
  FP64: (bytes, at) => finite(bytes.readDoubleLE(at)),
}

function narrow(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits, 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

function readTexts(bytes: Buffer, count: number, name: string): string[] {
  const texts: string[] = []
  let at = 0
  while (texts.length < count) {
    const start = at + 4
    const end = start <= bytes.length ? start + bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY
    if (end > bytes.length)
      throw new FivefoldError('REQUEST_INVALID', `input '${name}': element ${texts.length} reaches beyond its bytes`)
    texts.push(bytes.toString('utf8', start, end))
    at = end
  }
  if (at !== bytes.length)
    throw new FivefoldError('REQUEST_INVALID', `input '${name}': ${bytes.length - at} bytes beyond ${count} elements`)
  return texts
}

/** The bytes of an output: FP32 numbers or BYTES texts. */
export function writeBinaryTensor(data: readonly number[] | readonly string[], datatype: 'FP32' | 'BYTES'): Buffer {
  if (datatype === 'BYTES') return Buffer.concat(data.flatMap((text) => lengthAndText(String(text))))
  const bytes = Buffer.alloc(4 * data.length)
  data.forEach((value, i) => {
    bytes.writeFloatLE(Number(value), 4 * i)
  })
  return bytes
}

function lengthAndText(text: string): [Buffer, Buffer] {
  const encoded = Buffer.from(text, 'utf8')
  const length = Buffer.alloc(4)
  length.writeUInt32LE(encoded.length)
  return [length, encoded]
}
