import { crc32 } from 'node:zlib'
import type { LogRecord, SegmentHeader } from './log-record.ts'

/**
 * A segment is its magic, then records: length (uint32 LE), CRC-32 of the payload (uint32 LE), payload (JSON). The first
 * record is the header. A record that was being written when the process died fails its length or its checksum; nothing
 * after it was acknowledged.
 */
const MAGIC = Buffer.from('FFLOG01\n', 'latin1')
const FRAME_BYTES = 8

export function encodeSegmentStart(header: SegmentHeader): Buffer {
  return Buffer.concat([MAGIC, encodeRecord(header)])
}

export function encodeRecord(record: LogRecord | SegmentHeader): Buffer {
  const payload = Buffer.from(JSON.stringify(record), 'utf8')
  const frame = Buffer.alloc(FRAME_BYTES)
  frame.writeUInt32LE(payload.length, 0)
  frame.writeUInt32LE(crc32(payload), 4)
  return Buffer.concat([frame, payload])
}

export interface SegmentContent {
  /** Absent where the process died before the header was whole: then nothing was acknowledged. */
  readonly header?: SegmentHeader
  readonly records: readonly LogRecord[]
  /** Bytes after the last whole record. */
  readonly droppedBytes: number
}

/** Every whole record of a segment, which may be one that is still written to. */
export function decodeSegment(bytes: Buffer): SegmentContent {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return { records: [], droppedBytes: bytes.length }
  const payloads: Buffer[] = []
  let at = MAGIC.length
  for (let payload = payloadAt(bytes, at); payload; payload = payloadAt(bytes, at)) {
    payloads.push(payload)
    at += FRAME_BYTES + payload.length
  }
  const droppedBytes = bytes.length - at
  const [header, ...records] = payloads.map((payload) => JSON.parse(payload.toString('utf8')) as unknown)
  if (header === undefined) return { records: [], droppedBytes }
  return { header: header as SegmentHeader, records: records as LogRecord[], droppedBytes }
}

function payloadAt(bytes: Buffer, at: number): Buffer | undefined {
  const start = at + FRAME_BYTES
  if (start > bytes.length) return undefined
  const end = start + bytes.readUInt32LE(at)
  if (end > bytes.length || end === start) return undefined
  const payload = bytes.subarray(start, end)
  return crc32(payload) === bytes.readUInt32LE(at + 4) ? payload : undefined
}
