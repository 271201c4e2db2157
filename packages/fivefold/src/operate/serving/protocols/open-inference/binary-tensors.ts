import { isUtf8 } from 'node:buffer'
import { FivefoldError } from '../../../../core/index.ts'
import { type ElementType, elementCount, literalFromBytes, type TensorLiteral } from '../../../../onnx/index.ts'

/** Bytes of an element, but for texts. */
const WIDTHS: Readonly<Record<Exclude<ElementType, 'string'>, number>> = {
  ...{ bool: 1, uint8: 1, int8: 1, uint16: 2, int16: 2, float16: 2 },
  ...{ uint32: 4, int32: 4, float: 4, uint64: 8, int64: 8, double: 8 },
}

/**
 * A tensor of the binary extension: little-endian, row-major; BYTES elements each after their length (uint32); BOOL one
 * byte. Numbers that lie aligned are not copied.
 *
 * @throws REQUEST_INVALID where the bytes are not exactly as many as the shape needs
 */
export function readBinaryTensor(
  bytes: Buffer,
  type: ElementType,
  shape: readonly number[],
  name: string,
): TensorLiteral {
  const count = elementCount(shape)
  if (type === 'string') return { type, shape, data: readTexts(bytes, count, name) }
  if (bytes.length !== WIDTHS[type] * count)
    throw new FivefoldError(
      'REQUEST_INVALID',
      `input '${name}': ${bytes.length} bytes for ${count} elements of ${type}`,
    )
  const tensor = literalFromBytes(type, shape, bytes)
  return tensor.type === 'bool' ? { ...tensor, data: tensor.data.map((byte) => (byte === 0 ? 0 : 1)) } : tensor
}

function readTexts(bytes: Buffer, count: number, name: string): string[] {
  const texts: string[] = []
  let at = 0
  while (texts.length < count) {
    const start = at + 4
    const end = start <= bytes.length ? start + bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY
    if (end > bytes.length)
      throw new FivefoldError('REQUEST_INVALID', `input '${name}': element ${texts.length} reaches beyond its bytes`)
    const text = bytes.subarray(start, end)
    // The runtime holds texts as Unicode: other bytes would come back as something else.
    if (!isUtf8(text))
      throw new FivefoldError('REQUEST_INVALID', `input '${name}': element ${texts.length} is not UTF-8`)
    texts.push(text.toString('utf8'))
    at = end
  }
  if (at !== bytes.length)
    throw new FivefoldError('REQUEST_INVALID', `input '${name}': ${bytes.length - at} bytes beyond ${count} elements`)
  return texts
}

/** The bytes of an output, without a copy but for texts. */
export function writeBinaryTensor(tensor: TensorLiteral): Buffer {
  if (tensor.type === 'string') return Buffer.concat(tensor.data.flatMap(lengthAndText))
  const { buffer, byteOffset, byteLength } = tensor.data
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
}

function lengthAndText(text: string): [Buffer, Buffer] {
  const encoded = Buffer.from(text, 'utf8')
  const length = Buffer.alloc(4)
  length.writeUInt32LE(encoded.length)
  return [length, encoded]
}
