import { crc32 } from 'node:zlib'

/** Length and checksum, 4 bytes each, little endian, before the JSON of a record. */
const HEADER_BYTES = 8
/** Longer ones are taken for damage. */
const MAX_RECORD_BYTES = 64 * 2 ** 20

/** A record as it lies in a file. */
export function frameRecord(value: unknown): Buffer {
  const payload = Buffer.from(JSON.stringify(value))
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length)
  frame.writeUInt32LE(payload.length, 0)
  frame.writeUInt32LE(crc32(payload), 4)
  payload.copy(frame, HEADER_BYTES)
  return frame
}

export interface ReadRecords<T> {
  readonly records: { readonly value: T; readonly end: number }[]
  /** Bytes of whole records. */
  readonly wholeBytes: number
  /** Bytes that the next record takes, where only its beginning is there; 0 where less than its header is. */
  readonly nextBytes: number
  readonly damaged: boolean
}

/** The whole records at the start of some bytes; `end` counts from `start`. Stops before the first damaged one. */
export function readRecords<T>(bytes: Buffer, start = 0, most = Number.POSITIVE_INFINITY): ReadRecords<T> {
  const records: { value: T; end: number }[] = []
  let at = 0
  const stop = (nextBytes: number, damaged: boolean): ReadRecords<T> => ({
    records,
    wholeBytes: at,
    nextBytes,
    damaged,
  })
  while (records.length < most && bytes.length - at >= HEADER_BYTES) {
    const length = bytes.readUInt32LE(at)
    if (length === 0 || length > MAX_RECORD_BYTES) return stop(0, true)
    const end = at + HEADER_BYTES + length
    if (end > bytes.length) return stop(end - at, false)
    const payload = bytes.subarray(at + HEADER_BYTES, end)
    if (crc32(payload) !== bytes.readUInt32LE(at + 4)) return stop(0, true)
    records.push({ value: JSON.parse(payload.toString()) as T, end: start + end })
    at = end
  }
  return stop(0, false)
}
