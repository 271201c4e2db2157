import { crc32 } from 'node:zlib'

/** A frame is its length (uint32 LE), the CRC-32 of the payload (uint32 LE), the payload. */
const HEAD_BYTES = 8

export function encodeFrame(payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUInt32LE(payload.length, 0)
  head.writeUInt32LE(crc32(payload), 4)
  return Buffer.concat([head, payload])
}

export interface DecodedFrames {
  readonly payloads: readonly Buffer[]
  /** Bytes after the last whole frame: one that was being written when the process died fails its length or its checksum. */
  readonly droppedBytes: number
}

/** Every whole frame of a file that begins with `magic`, which may be one that is still written to. */
export function decodeFrames(bytes: Buffer, magic: Buffer): DecodedFrames {
  if (!bytes.subarray(0, magic.length).equals(magic)) return { payloads: [], droppedBytes: bytes.length }
  const payloads: Buffer[] = []
  let at = magic.length
  for (let payload = payloadAt(bytes, at); payload; payload = payloadAt(bytes, at)) {
    payloads.push(payload)
    at += HEAD_BYTES + payload.length
  }
  return { payloads, droppedBytes: bytes.length - at }
}

function payloadAt(bytes: Buffer, at: number): Buffer | undefined {
  const start = at + HEAD_BYTES
  if (start > bytes.length) return undefined
  const end = start + bytes.readUInt32LE(at)
  if (end > bytes.length || end === start) return undefined
  const payload = bytes.subarray(start, end)
  return crc32(payload) === bytes.readUInt32LE(at + 4) ? payload : undefined
}
