import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Context, FivefoldError } from '../../core/index.ts'
import { writeFrames } from '../../data/index.ts'
import { frameOfRecords } from './log-columns.ts'
import { listLogFiles, parquetPath, segmentPath, syncFolder } from './log-files.ts'
import { decodeSegment } from './segment-format.ts'

/**
 * Turns a closed segment into a Parquet file of the same number. Idempotent: the segment goes only after the whole
 * Parquet file has its name, so a crash in between leaves both, and a segment beside its Parquet file is never read.
 */
async function compactSegment(dir: string, sequence: number, context: Context): Promise<void> {
  const { header, records, droppedBytes } = decodeSegment(await readFile(segmentPath(dir, sequence)))
  if (droppedBytes > 0)
    context.log.info('dropped the unacknowledged tail of a prediction log segment', { sequence, droppedBytes })
  if (header && records.length > 0) {
    const { frame, schema } = frameOfRecords(header, records)
    await writeFrames(frame, schema, parquetPath(dir, sequence), 'parquet', context)
    await syncFolder(dir)
  }
  await rm(segmentPath(dir, sequence), { force: true })
}

/**
 * Puts a folder in order after whatever happened: half-written files go, segments whose Parquet file exists go, the
 * others are compacted up to their last whole record.
 *
 * @returns the number of the next segment
 */
export async function recoverLog(dir: string, context: Context): Promise<number> {
  const { segments, parquet, leftovers } = await listLogFiles(dir)
  for (const name of leftovers) await rm(join(dir, name), { force: true })
  const compacted = new Set(parquet)
  for (const sequence of segments) {
    if (compacted.has(sequence)) await rm(segmentPath(dir, sequence), { force: true })
    else await tryCompactSegment(dir, sequence, context)
  }
  return Math.max(0, ...segments, ...parquet) + 1
}

/** One that fails loses nothing: its segment stays, is read as it is, and the next start tries again. */
export async function tryCompactSegment(dir: string, sequence: number, context: Context): Promise<void> {
  try {
    await compactSegment(dir, sequence, context)
  } catch (thrown) {
    const cause = FivefoldError.from(thrown).message
    context.log.warn('a prediction log segment was not compacted', { dir, sequence, cause })
  }
}
