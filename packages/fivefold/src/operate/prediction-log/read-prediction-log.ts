import { readFile } from 'node:fs/promises'
import { FivefoldError } from '../../core/index.ts'
import { type Frame, stackFrames } from '../../data/index.ts'
import { frameOfRecords } from './log-columns.ts'
import { listLogFiles, parquetPath, segmentPath } from './log-files.ts'
import { quoteText, readLogParquet } from './read-log-parquet.ts'
import { decodeSegment } from './segment-format.ts'

export interface ReadPredictionLogOptions {
  /** Earliest time, epoch milliseconds, inclusive. */
  readonly sinceMs?: number
  /** Latest time, epoch milliseconds, exclusive. */
  readonly untilMs?: number
  /** Rows of this model version only. Versions whose columns changed their kind cannot be read together. */
  readonly version?: string
}

/**
 * Reads a prediction log, also while a server writes to it, as one frame in order of writing: `request_id`, `row` (within
 * the request), `time` (epoch milliseconds), `model`, `model_version`, the inputs under their own names (`input_<name>`
 * where one of the log's names is taken), then `label` and `probability_<class>`, or `prediction`. A column that some
 * version did not have is missing in its rows.
 *
 * @throws DATA_NOT_FOUND, DATA_TYPE_MISMATCH
 */
export async function readPredictionLog(dir: string, options: ReadPredictionLogOptions = {}): Promise<Frame> {
  const live = await readSegments(dir, options)
  // Listed after the segments were read: a segment compacted meanwhile is found here, and its own rows are left out.
  const { parquet } = await listLogFiles(dir)
  const compacted = new Set(parquet)
  const parts: Frame[] = []
  for (const sequence of parquet) parts.push(await readLogParquet(parquetPath(dir, sequence), conditionOf(options)))
  for (const [sequence, frame] of live) if (!compacted.has(sequence)) parts.push(frame)
  return stackFrames(parts.filter(({ rowCount }) => rowCount > 0))
}

async function readSegments(dir: string, options: ReadPredictionLogOptions): Promise<Map<number, Frame>> {
  const frames = new Map<number, Frame>()
  for (const sequence of (await listFolder(dir)).segments) {
    const bytes = await readFile(segmentPath(dir, sequence)).catch(ignoreMissing)
    const { header, records } = decodeSegment(bytes ?? Buffer.alloc(0))
    if (!header || (options.version !== undefined && header.version !== options.version)) continue
    const { sinceMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY } = options
    const chosen = records.filter(({ timeMs }) => timeMs >= sinceMs && timeMs < untilMs)
    if (chosen.length > 0) frames.set(sequence, frameOfRecords(header, chosen).frame)
  }
  return frames
}

async function listFolder(dir: string): ReturnType<typeof listLogFiles> {
  try {
    return await listLogFiles(dir)
  } catch (thrown) {
    throw new FivefoldError('DATA_NOT_FOUND', `no prediction log at ${dir}`, { cause: thrown })
  }
}

/** A segment that is gone has become a Parquet file since it was listed. */
function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

function conditionOf({ sinceMs, untilMs, version }: ReadPredictionLogOptions): string {
  const conditions = ['true']
  if (sinceMs !== undefined) conditions.push(`epoch_ms("time") >= ${Number(sinceMs)}`)
  if (untilMs !== undefined) conditions.push(`epoch_ms("time") < ${Number(untilMs)}`)
  if (version !== undefined) conditions.push(`"model_version" = ${quoteText(version)}`)
  return conditions.join(' AND ')
}
