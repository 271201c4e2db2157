import { open, readdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { JournalEntry } from './journal-entry.ts'
import { readRecords } from './record-frame.ts'
import { type Position, segmentName } from './segment-writer.ts'

export interface PlacedEntry {
  readonly entry: JournalEntry
  /** Where the next one begins. */
  readonly end: Position
}

/** A part of a journal that could not be read and was left out. */
export interface JournalDamage {
  readonly file: string
  /** First byte that was left out. */
  readonly offset: number
  readonly bytes: number
}

const CHUNK_BYTES = 2 ** 20

/** The next entries from a position on, some of them; none at the end. `last` is where the writer stands. */
export async function readEntries(
  folder: string,
  from: Position,
  last: Position,
  most: number,
): Promise<PlacedEntry[]> {
  for (let { segment, offset } = from; segment <= last.segment; segment++, offset = 0) {
    const limit = segment === last.segment ? last.offset : Number.POSITIVE_INFINITY
    const found = await readSegment(join(folder, segmentName(segment)), offset, limit, most)
    if (found.length === 0) continue
    return found.map(({ value, end }) => ({ entry: value, end: { segment, offset: end } }))
  }
  return []
}

async function readSegment(
  path: string,
  offset: number,
  limit: number,
  most: number,
): Promise<{ value: JournalEntry; end: number }[]> {
  const file = await open(path, 'r')
  try {
    let size = CHUNK_BYTES
    for (;;) {
      const wanted = Math.min(size, limit - offset)
      const { bytesRead, buffer } = await file.read(Buffer.alloc(Math.max(0, wanted)), 0, wanted, offset)
      const { records, nextBytes } = readRecords<JournalEntry>(buffer.subarray(0, bytesRead), offset, most)
      if (records.length > 0 || nextBytes <= size || bytesRead < wanted) return records
      size = nextBytes
    }
  } finally {
    await file.close()
  }
}

/**
 * Makes a journal readable whose writer is gone: files are cut back to their last whole record. Returns where the journal
 * ends, and what was left out.
 */
export async function repairJournal(folder: string): Promise<{ end: Position; damage: JournalDamage[] }> {
  const numbers = (await readdir(folder)).flatMap((name) => (/^\d{8}\.log$/.test(name) ? Number(name.slice(0, 8)) : []))
  const damage: JournalDamage[] = []
  let end: Position = { segment: 1, offset: 0 }
  for (const segment of numbers.sort((a, b) => a - b)) {
    const file = join(folder, segmentName(segment))
    const { whole, size } = await measureWhole(file)
    if (whole < size) {
      await truncate(file, whole)
      damage.push({ file, offset: whole, bytes: size - whole })
    }
    end = { segment, offset: whole }
  }
  return { end, damage }
}

async function measureWhole(path: string): Promise<{ whole: number; size: number }> {
  const file = await open(path, 'r')
  try {
    const bytes = await file.readFile()
    return { whole: readRecords(bytes).wholeBytes, size: bytes.length }
  } finally {
    await file.close()
  }
}
