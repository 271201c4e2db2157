import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** The files of a log folder: segments being written or not yet compacted, and one Parquet file a compacted segment. */
export interface LogFiles {
  /** Ascending. */
  readonly segments: readonly number[]
  /** Ascending. */
  readonly parquet: readonly number[]
  /** Names of files that a crash left half-written. */
  readonly leftovers: readonly string[]
}

export const segmentPath = (dir: string, sequence: number): string => join(dir, `segment-${padded(sequence)}.log`)
export const parquetPath = (dir: string, sequence: number): string =>
  join(dir, `predictions-${padded(sequence)}.parquet`)

const padded = (sequence: number): string => String(sequence).padStart(10, '0')

export async function listLogFiles(dir: string): Promise<LogFiles> {
  const names = await readdir(dir)
  return {
    segments: sequencesOf(names, /^segment-(\d{10})\.log$/),
    parquet: sequencesOf(names, /^predictions-(\d{10})\.parquet$/),
    leftovers: names.filter((name) => /^\.predictions-.*\.tmp$/.test(name)),
  }
}

function sequencesOf(names: readonly string[], pattern: RegExp): number[] {
  return names
    .flatMap((name) => pattern.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

/** Makes a file's name as durable as its content: created, renamed and removed names live in the folder. */
export async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
