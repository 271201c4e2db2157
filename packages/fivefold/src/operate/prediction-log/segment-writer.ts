import { type FileHandle, open } from 'node:fs/promises'
import { FivefoldError } from '../../core/index.ts'
import { segmentPath, syncFolder } from './log-files.ts'

export interface SegmentWriter {
  /** Resolves once the bytes are on disk. Records that arrive while the disk is busy share its next write. */
  append(record: Buffer): Promise<void>
  /** Waits for what was appended, then closes the segment that is open. */
  close(): Promise<void>
}

export interface SegmentWriterOptions {
  readonly dir: string
  readonly firstSequence: number
  /** First bytes of every segment. */
  readonly start: Buffer
  /** A segment this long is closed and the next one begun. */
  readonly segmentBytes: number
  /** Called with each segment that will not be written to again. */
  readonly onClosed: (sequence: number) => void
}

interface Pending {
  readonly record: Buffer
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
}

interface OpenSegment {
  readonly sequence: number
  readonly handle: FileHandle
  /** Where the next record goes: everything before is on disk. */
  durableBytes: number
}

/** Appends records to numbered segment files with group commit. */
export function createSegmentWriter(options: SegmentWriterOptions): SegmentWriter {
  let pending: Pending[] = []
  let segment: OpenSegment | undefined
  let sequence = options.firstSequence
  let writing = false
  let closed = false
  const idle: (() => void)[] = []

  const closeSegment = async (): Promise<void> => {
    const closing = segment
    segment = undefined
    if (!closing) return
    await closing.handle.close()
    options.onClosed(closing.sequence)
  }

  const writePending = async (): Promise<void> => {
    if (writing) return
    writing = true
    while (pending.length > 0) {
      const group = pending
      pending = []
      try {
        segment ??= await openSegment(options, sequence++)
        await commit(segment, Buffer.concat(group.map(({ record }) => record)))
        for (const { resolve } of group) resolve()
        if (segment.durableBytes >= options.segmentBytes) await closeSegment()
      } catch (thrown) {
        for (const { reject } of group) reject(FivefoldError.from(thrown, 'STORE_UNAVAILABLE'))
        await abandon(segment).then(closeSegment, () => {})
        segment = undefined
      }
    }
    writing = false
    for (const wake of idle.splice(0)) wake()
  }

  return {
    append: (record) => {
      if (closed) return Promise.reject(new FivefoldError('STORE_UNAVAILABLE', 'the prediction log is closed'))
      return new Promise((resolve, reject) => {
        pending.push({ record, resolve, reject })
        void writePending()
      })
    },
    close: async () => {
      closed = true
      if (writing) await new Promise<void>((resolve) => idle.push(resolve))
      await closeSegment()
    },
  }
}

async function openSegment({ dir, start }: SegmentWriterOptions, sequence: number): Promise<OpenSegment> {
  const handle = await open(segmentPath(dir, sequence), 'wx')
  const segment = { sequence, handle, durableBytes: 0 }
  try {
    await commit(segment, start)
    await syncFolder(dir)
    return segment
  } catch (error) {
    await handle.close()
    throw error
  }
}

async function commit(segment: OpenSegment, bytes: Buffer): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const at = segment.durableBytes + written
    written += (await segment.handle.write(bytes, written, bytes.length - written, at)).bytesWritten
  }
  await segment.handle.datasync()
  segment.durableBytes += bytes.length
}

/**
 * Cuts off what was not acknowledged. After a failed write or sync the file is not written to again, since what lies
 * beyond its durable part is unknown.
 */
async function abandon(segment: OpenSegment | undefined): Promise<void> {
  await segment?.handle.truncate(segment.durableBytes)
}
