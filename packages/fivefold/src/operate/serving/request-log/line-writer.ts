import { SonicBoom } from 'sonic-boom'

/** Lines on their way to a file or stream. */
export interface LineWriter {
  /** Takes a line without its end. Never waits, never fails: what a stalled reader leaves no room for is dropped. */
  write(line: string): void
  /** Lines that were dropped since this was asked last. */
  takeDropped(): number
  /** Resolves once all that was taken is written, or cannot be. */
  close(): Promise<void>
}

const STANDARD_ERROR = 2
/** Pipes keep pieces of up to this size apart, so that lines of several processes do not run into one another. */
const PIECE_BYTES = 4096
const MOST_WAITING_BYTES = 8 * 1024 * 1024
const FLUSH_MS = 200
const LAST_FLUSH_MS = 5000

/** Gathers lines and writes them off the event loop, to standard error by default. */
export function createLineWriter(file?: string): LineWriter {
  const stream = new SonicBoom({
    ...{ dest: file ?? STANDARD_ERROR, sync: false, mkdir: file !== undefined },
    ...{ minLength: PIECE_BYTES / 2, maxWrite: PIECE_BYTES, maxLength: MOST_WAITING_BYTES, periodicFlush: FLUSH_MS },
  })
  let dropped = 0
  let [isBroken, isClosed] = [false, false]
  let closing: Promise<void> | undefined
  stream.on('drop', () => dropped++)
  // Nobody reads any more, or the disk is full: a log must not take the server along.
  stream.on('error', () => {
    isBroken = true
  })
  return {
    write(line) {
      if (isBroken || isClosed) dropped++
      else stream.write(`${line}\n`)
    },
    takeDropped() {
      const count = dropped
      dropped = 0
      return count
    },
    close() {
      isClosed = true
      closing ??= isBroken ? Promise.resolve() : written(stream)
      return closing
    },
  }
}

/** Who does not read now is not waited for. */
const written = (stream: SonicBoom): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, LAST_FLUSH_MS).unref()
    stream.once('close', () => resolve()).once('error', () => resolve())
    stream.end()
  })
