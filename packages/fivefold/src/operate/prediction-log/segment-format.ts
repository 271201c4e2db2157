import { decodeFrames, encodeFrame } from './frames.ts'
import type { LogRecord, SegmentHeader } from './log-record.ts'

/** A segment is its magic, then records as frames of JSON. The first record is the header. */
const MAGIC = Buffer.from('FFLOG01\n', 'latin1')

export function encodeSegmentStart(header: SegmentHeader): Buffer {
  return Buffer.concat([MAGIC, encodeRecord(header)])
}

export function encodeRecord(record: LogRecord | SegmentHeader): Buffer {
  return encodeFrame(Buffer.from(JSON.stringify(record), 'utf8'))
}

export interface SegmentContent {
  /** Absent where the process died before the header was whole: then nothing was acknowledged. */
  readonly header?: SegmentHeader
  readonly records: readonly LogRecord[]
  /** Bytes after the last whole record. */
  readonly droppedBytes: number
}

/** Every whole record of a segment, which may be one that is still written to. What follows was never acknowledged. */
export function decodeSegment(bytes: Buffer): SegmentContent {
  const { payloads, droppedBytes } = decodeFrames(bytes, MAGIC)
  const [header, ...records] = payloads.map((payload) => JSON.parse(payload.toString('utf8')) as unknown)
  if (header === undefined) return { records: [], droppedBytes }
  return { header: header as SegmentHeader, records: records as LogRecord[], droppedBytes }
}
