import { FivefoldError } from '../../../../core/index.ts'
import { fromHalf } from '../../../../onnx/index.ts'
import type { Cell } from '../cell-table.ts'
import { asSize, damaged, type FlatTable } from './flat-buffer.ts'
import type { ArrowType } from './read-schema.ts'

/** Values of a column that lie together. */
export interface ArrowArray {
  readonly length: number
  cell(row: number): Cell
}

/** Hands out the arrays of a record batch, one column after another. */
export interface ArrayReader {
  next(type: ArrowType): ArrowArray
}

interface Buffers {
  /** Rows of the next column, and how many of them are missing. */
  node(): { readonly length: number; readonly nullCount: bigint }
  buffer(): Buffer
  variadic(): number
}

/** The arrays of a record batch; `rows` is what each of them has to have. */
export function readArrays(batch: FlatTable, body: Uint8Array): ArrayReader {
  if (batch.table(3))
    throw new FivefoldError('REQUEST_INVALID', 'compressed Arrow buffers are not read here', {
      remedy: "Write Arrow without compression: compression=None in pyarrow, compression='uncompressed' in Polars.",
    })
  const buffers = buffersOf(batch, body)
  return {
    next(type) {
      const { length, nullCount } = buffers.node()
      if (type.kind === 'null') return { length, cell: () => null }
      const validity = buffers.buffer()
      const isMissing = missing(validity, length, nullCount)
      const valueAt = VALUES[type.kind](type as never, buffers, length)
      return { length, cell: (row) => (isMissing(row) ? null : valueAt(row)) }
    },
  }
}

function buffersOf(batch: FlatTable, body: Uint8Array): Buffers {
  const { view } = batch
  const [nodes, regions, variadics] = [batch.vector(1, 16), batch.vector(2, 16), batch.vector(4, 8)]
  const next = { node: 0, region: 0, variadic: 0 }
  const place = (kind: keyof typeof next, { at, length }: { at: number; length: number }, bytes: number): number => {
    if (next[kind] >= length) throw damaged('a batch lacks buffers')
    return at + bytes * next[kind]++
  }
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return {
    node: () => {
      const at = place('node', nodes, 16)
      return { length: asSize(view.getBigInt64(at, true)), nullCount: view.getBigInt64(at + 8, true) }
    },
    buffer: () => {
      const at = place('region', regions, 16)
      const start = asSize(view.getBigInt64(at, true))
      const end = start + asSize(view.getBigInt64(at + 8, true))
      if (end > bytes.length) throw damaged('a buffer is longer than its message')
      return bytes.subarray(start, end)
    },
    variadic: () => asSize(view.getBigInt64(place('variadic', variadics, 8), true)),
  }
}

function missing(validity: Buffer, length: number, nullCount: bigint): (row: number) => boolean {
  // Without missing values the bitmap may be left out.
  if (nullCount === 0n || validity.length === 0) return () => false
  requireBytes(validity, length / 8)
  return (row) => (validity[row >> 3]! & (1 << (row & 7))) === 0
}

function requireBytes({ length }: Buffer, bytes: number): void {
  if (length < bytes) throw damaged('a buffer is shorter than its rows')
}

type ValueAt = (row: number) => Cell
type Values<Kind extends ArrowType['kind']> = (
  type: Extract<ArrowType, { kind: Kind }>,
  buffers: Buffers,
  length: number,
) => ValueAt

const VALUES: { readonly [Kind in Exclude<ArrowType['kind'], 'null'>]: Values<Kind> } = {
  bool: (_type, buffers, length) => {
    const bits = buffers.buffer()
    requireBytes(bits, length / 8)
    return (row) => (bits[row >> 3]! & (1 << (row & 7))) !== 0
  },
  int: (type, buffers, length) => integers(type, buffers, length),
  float: ({ bits }, buffers, length) => {
    const values = fixedWidth(buffers, length, bits / 8)
    if (bits === 16) return (row) => fromHalf(values.readUInt16LE(2 * row))
    return bits === 32 ? (row) => values.readFloatLE(4 * row) : (row) => values.readDoubleLE(8 * row)
  },
  decimal: ({ bits, scale }, buffers, length) => {
    const values = fixedWidth(buffers, length, bits / 8)
    return (row) => Number(wideInteger(values, (row * bits) / 8, bits)) / 10 ** scale
  },
  date: ({ bits }, buffers, length) => {
    const valueAt = integers({ bits, signed: true }, buffers, length)
    const msPerUnit = bits === 32 ? 86_400_000 : 1
    return (row) => instant(Number(valueAt(row)) * msPerUnit)
  },
  timestamp: ({ unitsPerMs }, buffers, length) => {
    const valueAt = integers({ bits: 64, signed: true }, buffers, length)
    return (row) => instant(Number(valueAt(row)) / unitsPerMs)
  },
  text: ({ wide }, buffers, length) => {
    const offsets = buffers.buffer()
    const bytes = buffers.buffer()
    if (length > 0) requireBytes(offsets, (length + 1) * (wide ? 8 : 4))
    const offset = (at: number): number =>
      wide ? asSize(offsets.readBigInt64LE(8 * at)) : offsets.readUInt32LE(4 * at)
    return (row) => textIn(bytes, offset(row), offset(row + 1))
  },
  textView: (_type, buffers, length) => {
    const views = fixedWidth(buffers, length, 16)
    const blocks = Array.from({ length: buffers.variadic() }, () => buffers.buffer())
    return (row) => {
      const size = views.readUInt32LE(16 * row)
      if (size <= 12) return textIn(views, 16 * row + 4, 16 * row + 4 + size)
      const start = views.readUInt32LE(16 * row + 12)
      return textIn(blocks[views.readUInt32LE(16 * row + 8)] ?? NOTHING, start, start + size)
    }
  },
  other: ({ name, buffers: count }, buffers) => {
    for (let i = 1; i < count; i++) buffers.buffer()
    return () => {
      throw new FivefoldError('MODEL_INPUT', `a column of the type ${name} holds no values of a model`)
    }
  },
}

const NOTHING = Buffer.alloc(0)

function fixedWidth(buffers: Buffers, length: number, width: number): Buffer {
  const values = buffers.buffer()
  requireBytes(values, length * width)
  return values
}

function integers(
  { bits, signed }: { readonly bits: number; readonly signed: boolean },
  buffers: Buffers,
  length: number,
): (row: number) => number | bigint {
  const values = fixedWidth(buffers, length, bits / 8)
  if (bits === 8) return signed ? (row) => values.readInt8(row) : (row) => values.readUInt8(row)
  if (bits === 16) return signed ? (row) => values.readInt16LE(2 * row) : (row) => values.readUInt16LE(2 * row)
  if (bits === 32) return signed ? (row) => values.readInt32LE(4 * row) : (row) => values.readUInt32LE(4 * row)
  return signed ? (row) => plain(values.readBigInt64LE(8 * row)) : (row) => plain(values.readBigUInt64LE(8 * row))
}

/** Integers that a double holds are numbers, as in JSON. */
const plain = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value)

function wideInteger(values: Buffer, at: number, bits: number): bigint {
  if (bits === 32) return BigInt(values.readInt32LE(at))
  let value = values.readBigInt64LE(at + bits / 8 - 8)
  for (let low = at + bits / 8 - 16; low >= at; low -= 8) value = (value << 64n) | values.readBigUInt64LE(low)
  return value
}

/** What is beyond the range of dates stays a number, which the check of the column names. */
const instant = (ms: number): Date | number => (Math.abs(ms) <= 8.64e15 ? new Date(ms) : ms)

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Longer than any text that a model reads; as in CSV. */
const MAX_TEXT_BYTES = 1 << 20

function textIn(bytes: Buffer, start: number, end: number): string {
  if (end < start || end > bytes.length) throw damaged('a text lies outside of its buffer')
  if (end - start > MAX_TEXT_BYTES)
    throw new FivefoldError('REQUEST_TOO_LARGE', `a text of ${end - start} bytes; at most ${MAX_TEXT_BYTES}`)
  try {
    return UTF8.decode(bytes.subarray(start, end))
  } catch {
    throw damaged('a text is not UTF-8')
  }
}
