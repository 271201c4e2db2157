import { FivefoldError } from '../../../core/index.ts'
import {
  elementCount,
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  METADATA_KEY,
  type SafeTensor,
  type Safetensors,
  TYPES_IN_FILE_ORDER,
} from './safe-tensor.ts'

/** Headers are padded to this, so that data are aligned. */
const HEADER_ALIGNMENT = 8

type NamedTensor = readonly [name: string, tensor: SafeTensor]

/**
 * Writes tensors in the safetensors format, laid out as the format's own library does: the same tensors give the same
 * bytes, in whatever order they come.
 * @throws MODEL_UNSUPPORTED where a tensor's shape and values disagree, a name cannot be written, or the header is too long
 */
export function writeSafetensors({ tensors, metadata }: Safetensors): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(inFileOrder)
  for (const [name, tensor] of ordered) checkTensor(name, tensor)
  const header = padded(headerOf(ordered, metadata))
  const dataBytes = ordered.reduce((sum, [, { data }]) => sum + data.byteLength, 0)
  const file = new Uint8Array(LENGTH_BYTES + header.length + dataBytes)
  new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true)
  file.set(header, LENGTH_BYTES)
  let at = LENGTH_BYTES + header.length
  for (const [, { data }] of ordered) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
    at += data.byteLength
  }
  return file
}

/** Written entry by entry: a JavaScript object would move keys that look like numbers to the front. */
function headerOf(ordered: readonly NamedTensor[], metadata: Readonly<Record<string, string>>): Uint8Array {
  let end = 0
  const entries = ordered.map(([name, { type, shape, data }]) => {
    const begin = end
    end += data.byteLength
    return entryText(name, { dtype: type, shape, data_offsets: [begin, end] })
  })
  if (Object.keys(metadata).length > 0) entries.unshift(entryText(METADATA_KEY, metadata))
  return Buffer.from(`{${entries.join(',')}}`)
}

const entryText = (key: string, value: unknown): string => `${JSON.stringify(key)}:${JSON.stringify(value)}`

function padded(header: Uint8Array): Uint8Array {
  const length = Math.ceil(header.length / HEADER_ALIGNMENT) * HEADER_ALIGNMENT
  if (length > MAX_HEADER_BYTES)
    throw unwritable(`the header would have ${length} bytes, more than ${MAX_HEADER_BYTES}`)
  const whole = new Uint8Array(length).fill(0x20)
  whole.set(header)
  return whole
}

function checkTensor(name: string, { shape, data, type }: SafeTensor): void {
  if (name === METADATA_KEY || /\p{Surrogate}/u.test(name)) throw unwritable(`a tensor cannot be named '${name}'`)
  if (shape.every((size) => Number.isSafeInteger(size) && size >= 0) && elementCount(shape) === data.length) return
  throw unwritable(`tensor '${name}' of ${type} [${shape}] has ${data.length} values`)
}

/** Wide elements first, then by name, in the order of its UTF-8 bytes. */
function inFileOrder([a, { type: typeA }]: NamedTensor, [b, { type: typeB }]: NamedTensor): number {
  const byType = TYPES_IN_FILE_ORDER.indexOf(typeA) - TYPES_IN_FILE_ORDER.indexOf(typeB)
  return byType || Buffer.compare(Buffer.from(a), Buffer.from(b))
}

const unwritable = (message: string): FivefoldError =>
  new FivefoldError('MODEL_UNSUPPORTED', `safetensors: ${message}`, { remedy: 'Correct the tensor that is named.' })
