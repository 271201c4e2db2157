import { closeSync, fdatasync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { FivefoldError } from '../../../core/index.ts'
import { frameRecord } from './record-frame.ts'

/** A place in a journal: all before it is in order. */
export interface Position {
  readonly segment: number
  readonly offset: number
}

export const segmentName = (segment: number): string => `${String(segment).padStart(8, '0')}.log`

const SEGMENT_BYTES = 8 * 2 ** 20
/** What waits in memory at most while the disk takes nothing; more is dropped and counted. */
const MAX_WAITING_BYTES = 64 * 2 ** 20
const RETRY_MS = 1000

export type WriteBytes = (fd: number, bytes: Buffer) => number

export interface SegmentWriter {
  /** Never throws: what the disk does not take waits in memory, in order. */
  append(value: unknown): void
  /** Tries again to write what waits. Returns why it still does not go, where it does not. */
  writeWaiting(): FivefoldError | undefined
  /** Makes what was written safe from a power cut. */
  sync(): Promise<void>
  readonly end: Position
  readonly waiting: number
  /** Records that found room neither on disk nor in memory. */
  readonly dropped: number
  close(): void
}

/**
 * Appends records to numbered files. A write that returned survives the end of the process, however it ends; `sync` makes
 * it survive the machine's.
 */
export function createSegmentWriter(folder: string, write: WriteBytes = writeSync): SegmentWriter {
  let segment = 1
  let fd = openSync(join(folder, segmentName(segment)), 'a')
  let offset = 0
  let waiting: Buffer[] = []
  let waitingBytes = 0
  let failure: FivefoldError | undefined
  let triedMs = 0
  let dropped = 0

  const rotate = (): void => {
    const next = openSync(join(folder, segmentName(segment + 1)), 'a')
    closeSync(fd)
    fd = next
    segment++
    offset = 0
  }
  /** All of a record or nothing of it. */
  const put = (frame: Buffer): void => {
    try {
      if (offset >= SEGMENT_BYTES) rotate()
      let done = 0
      while (done < frame.length) done += write(fd, frame.subarray(done))
      offset += frame.length
    } catch (thrown) {
      try {
        ftruncateSync(fd, offset)
      } catch {
        // The next reader cuts the torn record off.
      }
      throw thrown
    }
  }
  const hold = (frame: Buffer): void => {
    if (waitingBytes + frame.length > MAX_WAITING_BYTES) {
      dropped++
      return
    }
    waiting.push(frame)
    waitingBytes += frame.length
  }
  const writeWaiting = (): FivefoldError | undefined => {
    triedMs = Date.now()
    let done = 0
    try {
      for (; done < waiting.length; done++) put(waiting[done]!)
      failure = undefined
    } catch (thrown) {
      failure = FivefoldError.from(thrown, 'STORE_UNAVAILABLE')
    }
    for (const frame of waiting.slice(0, done)) waitingBytes -= frame.length
    waiting = waiting.slice(done)
    return failure
  }

  return {
    append(value) {
      const frame = frameRecord(value)
      if (failure && Date.now() - triedMs > RETRY_MS) writeWaiting()
      if (failure) return hold(frame)
      try {
        put(frame)
      } catch (thrown) {
        failure = FivefoldError.from(thrown, 'STORE_UNAVAILABLE')
        triedMs = Date.now()
        hold(frame)
      }
    },
    writeWaiting,
    sync: () => promisify(fdatasync)(fd),
    get end() {
      return { segment, offset }
    },
    get waiting() {
      return waiting.length
    },
    get dropped() {
      return dropped
    },
    close: () => closeSync(fd),
  }
}
