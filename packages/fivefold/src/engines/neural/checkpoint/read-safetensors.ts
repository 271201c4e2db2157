import { z } from 'zod'
import { FivefoldError } from '../../../core/index.ts'
import { repeatedKey } from './repeated-key.ts'
import {
  ARRAY_TYPES,
  elementCount,
  isKnownType,
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  METADATA_KEY,
  type SafeTensor,
  type Safetensors,
} from './safe-tensor.ts'

const whole = z.int().min(0)
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(whole),
  data_offsets: z.tuple([whole, whole]),
})
const metadataSchema = z.record(z.string(), z.string())

interface Entry extends z.output<typeof entrySchema> {
  readonly name: string
}

/**
 * Reads tensors in the safetensors format (github.com/huggingface/safetensors). Tensors are views of `bytes` where their
 * elements are aligned, else copies.
 * @throws MODEL_UNREADABLE where the bytes are not of that format: a header too long or not of its form, keys that repeat,
 * tensors that overlap, leave gaps or reach beyond the end; MODEL_UNSUPPORTED for an element type that is not read
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  const { header, dataStart } = readHeader(bytes)
  const { [METADATA_KEY]: metadata, ...rest } = header
  const entries = Object.entries(rest).map(([name, entry]) => parseEntry(name, entry))
  checkOffsets(entries, bytes.length - dataStart)
  return {
    tensors: new Map(entries.map((entry) => [entry.name, tensorOf(entry, bytes, dataStart)])),
    metadata: metadata === undefined ? {} : parseMetadata(metadata),
  }
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < LENGTH_BYTES) throw damaged(`${bytes.length} bytes are too few for a header`)
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true)
  if (length > MAX_HEADER_BYTES) throw damaged(`a header of ${length} bytes is longer than ${MAX_HEADER_BYTES}`)
  const dataStart = LENGTH_BYTES + Number(length)
  if (dataStart > bytes.length) throw damaged(`the header of ${length} bytes is cut off`)
  const text = decodeText(bytes.subarray(LENGTH_BYTES, dataStart))
  if (!text.startsWith('{')) throw damaged('the header is not a JSON object')
  return { header: parseHeader(text), dataStart }
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw damaged('the header is not UTF-8', cause)
  }
}

function parseHeader(text: string): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw damaged('the header is not JSON', cause)
  }
  const repeated = repeatedKey(text)
  if (repeated !== undefined) throw damaged(`the header has the key '${repeated}' twice`)
  // An object, since the text begins with a brace.
  return json as Record<string, unknown>
}

function parseEntry(name: string, entry: unknown): Entry {
  const parsed = entrySchema.safeParse(entry)
  if (parsed.success) return { name, ...parsed.data }
  const [issue] = parsed.error.issues
  throw damaged(`tensor '${name}': ${[issue!.path.join('.'), issue!.message].filter(Boolean).join(': ')}`)
}

function parseMetadata(metadata: unknown): Record<string, string> {
  const parsed = metadataSchema.safeParse(metadata)
  if (!parsed.success) throw damaged(`${METADATA_KEY} is not an object of strings`)
  return parsed.data
}

/** Tensors follow each other without gaps from the first byte of the data to the last. */
function checkOffsets(entries: readonly Entry[], dataBytes: number): void {
  let end = 0
  for (const { name, data_offsets } of entries.toSorted(byOffsets)) {
    const [begin, next] = data_offsets
    if (begin !== end) throw damaged(`tensor '${name}' begins at ${begin}, where ${end} was due`)
    if (next < begin || next > dataBytes) throw damaged(`tensor '${name}' ends at ${next} of ${dataBytes} bytes`)
    end = next
  }
  if (end !== dataBytes) throw damaged(`${dataBytes - end} bytes at the end belong to no tensor`)
}

function byOffsets({ data_offsets: a }: Entry, { data_offsets: b }: Entry): number {
  return a[0] - b[0] || a[1] - b[1]
}

function tensorOf({ name, dtype, shape, data_offsets: [begin, end] }: Entry, bytes: Uint8Array, dataStart: number) {
  if (!isKnownType(dtype))
    throw new FivefoldError('MODEL_UNSUPPORTED', `safetensors: tensor '${name}' has elements of type '${dtype}'`, {
      remedy: `Convert it to one of ${Object.keys(ARRAY_TYPES).join(', ')}.`,
    })
  const ArrayType = ARRAY_TYPES[dtype]
  const width = ArrayType.BYTES_PER_ELEMENT
  const count = elementCount(shape)
  // Products beyond 2^53 are not exact, and can never be the length of what is here.
  if (count * width !== end - begin) throw damaged(`tensor '${name}' of ${dtype} [${shape}] has ${end - begin} bytes`)
  const offset = bytes.byteOffset + dataStart + begin
  const isAligned = offset % width === 0
  const buffer = isAligned ? bytes.buffer : bytes.slice(dataStart + begin, dataStart + end).buffer
  const data = new ArrayType(buffer as ArrayBuffer, isAligned ? offset : 0, count)
  return { type: dtype, shape, data } as SafeTensor
}

const damaged = (message: string, cause?: unknown): FivefoldError =>
  new FivefoldError('MODEL_UNREADABLE', `safetensors: ${message}`, { cause })
