import { FivefoldError } from '../../core/index.ts'

/** One field as it lies on the wire. Length-delimited values are views, not copies. */
export type WireField =
  | { readonly field: number; readonly kind: 'varint'; readonly value: bigint }
  | { readonly field: number; readonly kind: 'fixed'; readonly bytes: Uint8Array }
  | { readonly field: number; readonly kind: 'bytes'; readonly bytes: Uint8Array }

/** The fields of a message in wire order. Throws GRAPH_INVALID on anything that runs past the end. */
export function readFields(bytes: Uint8Array): WireField[] {
  const fields: WireField[] = []
  const cursor = { at: 0 }
  while (cursor.at < bytes.length) fields.push(readField(bytes, cursor))
  return fields
}

function readField(bytes: Uint8Array, cursor: Cursor): WireField {
  const key = readLength(bytes, cursor)
  const field = Math.floor(key / 8)
  const wireType = key % 8
  if (wireType === 0) return { field, kind: 'varint', value: readVarint(bytes, cursor) }
  if (wireType === 1) return { field, kind: 'fixed', bytes: take(bytes, cursor, 8) }
  if (wireType === 5) return { field, kind: 'fixed', bytes: take(bytes, cursor, 4) }
  if (wireType === 2) return { field, kind: 'bytes', bytes: take(bytes, cursor, readLength(bytes, cursor)) }
  throw malformed(cursor.at)
}

interface Cursor {
  at: number
}

function take(bytes: Uint8Array, cursor: Cursor, length: number): Uint8Array {
  const end = cursor.at + length
  if (end > bytes.length) throw malformed(cursor.at)
  const view = bytes.subarray(cursor.at, end)
  cursor.at = end
  return view
}

/** A varint that counts bytes or names a field: far below 2^49, so plain numbers hold it. */
function readLength(bytes: Uint8Array, cursor: Cursor): number {
  let value = 0
  for (let scale = 1; scale < 2 ** 49; scale *= 128) {
    const byte = bytes[cursor.at++]
    if (byte === undefined) break
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
  }
  throw malformed(cursor.at)
}

function readVarint(bytes: Uint8Array, cursor: Cursor): bigint {
  const first = bytes[cursor.at]
  if (first !== undefined && first < 0x80) {
    cursor.at++
    return BigInt(first)
  }
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = bytes[cursor.at++]
    if (byte === undefined) break
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return BigInt.asUintN(64, value)
  }
  throw malformed(cursor.at)
}

/** The varints of a packed field, as signed numbers of 64 bits. */
export function readPackedVarints(bytes: Uint8Array): bigint[] {
  const cursor = { at: 0 }
  const values: bigint[] = []
  while (cursor.at < bytes.length) values.push(BigInt.asIntN(64, readVarint(bytes, cursor)))
  return values
}

function malformed(at: number): FivefoldError {
  return new FivefoldError('GRAPH_INVALID', `not an ONNX model: malformed protobuf near byte ${at}`)
}
