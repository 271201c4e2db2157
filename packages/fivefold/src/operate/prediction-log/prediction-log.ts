import { type Context, FivefoldError } from '../../core/index.ts'
import type { ColumnSchema } from '../../data/index.ts'
import { recoverLog, tryCompactSegment } from './compaction.ts'
import { type LogEntry, recordOf, type SegmentHeader } from './log-record.ts'
import { encodeRecord, encodeSegmentStart } from './segment-format.ts'
import { createSegmentWriter } from './segment-writer.ts'
import { lockForWriting, type WriterLock } from './writer-lock.ts'

export interface PredictionLogOptions {
  /** A folder of its own; made where it does not exist. One writer at a time. */
  readonly dir: string
  readonly model: { readonly name: string; readonly version: string }
  /** The model's raw columns. */
  readonly schema: readonly Pick<ColumnSchema, 'name' | 'type' | 'tensor'>[]
  /** Classes in the order of the probabilities; empty for regression. */
  readonly classes: readonly string[]
  readonly context: Context
  /** A segment this long is closed and compacted into Parquet. Default 16 MiB. */
  readonly segmentBytes?: number
}

export interface PredictionLog {
  /**
   * Resolves once the rows are on disk: they survive SIGKILL and a power cut.
   *
   * @throws STORAGE_FULL, STORAGE_DENIED, STORE_UNAVAILABLE
   */
  append(entry: LogEntry): Promise<void>
  /** Waits for what was appended, compacts it, and frees the folder for another writer. */
  close(): Promise<void>
}

const DEFAULT_SEGMENT_BYTES = 16 * 1024 * 1024

/**
 * Opens a log of predictions: rows as the model was given them, and what it said. Acknowledged rows are there exactly
 * once, whatever happened to the process; what an earlier writer left behind is recovered first.
 *
 * @throws STORE_CONFLICT where another process writes the folder
 */
export async function createPredictionLog(options: PredictionLogOptions): Promise<PredictionLog> {
  const { dir, context, segmentBytes = DEFAULT_SEGMENT_BYTES } = options
  const lock = await lockForWriting(dir)
  const firstSequence = await recovered(dir, context, lock)
  const header = headerOf(options)
  const compactions = createCompactions(dir, context)
  const writer = createSegmentWriter({
    dir,
    firstSequence,
    start: encodeSegmentStart(header),
    segmentBytes,
    onClosed: compactions.add,
  })
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    try {
      await writer.close()
      await compactions.settle()
    } finally {
      await lock.release()
    }
  }
  return {
    append: async (entry) => writer.append(encodeRecord(recordOf(entry, header, context.clock.nowMs()))),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

async function recovered(dir: string, context: Context, lock: WriterLock): Promise<number> {
  try {
    return await recoverLog(dir, context)
  } catch (thrown) {
    await lock.release()
    throw FivefoldError.from(thrown, 'STORE_UNAVAILABLE')
  }
}

function headerOf({ model, schema, classes }: PredictionLogOptions): SegmentHeader {
  const inputs = schema.map(({ name, type, tensor }) => ({ name, type, tensor }))
  return { format: 1, model: model.name, version: model.version, inputs, classes }
}

/** One compaction after another, beside the writing. */
function createCompactions(dir: string, context: Context): { add(sequence: number): void; settle(): Promise<void> } {
  let last: Promise<void> = Promise.resolve()
  return {
    add: (sequence) => {
      last = last.then(() => tryCompactSegment(dir, sequence, context))
    },
    settle: () => last,
  }
}
