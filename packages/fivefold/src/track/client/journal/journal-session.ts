import { randomUUID } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { isOwnerGone, OWNER_TAG, OWNER_TAG_PATTERN } from '../../../core/index.ts'
import { type JournalProgress, openProgress } from './journal-progress.ts'
import { type JournalDamage, type PlacedEntry, readEntries, repairJournal } from './journal-reader.ts'
import {
  createSegmentWriter,
  type Position,
  type SegmentWriter,
  segmentName,
  type WriteBytes,
} from './segment-writer.ts'

/**
 * One process's part of a journal: a folder that is named after its owner, so that processes never share files, and so that
 * a later process can tell what was left behind.
 */
export interface JournalSession {
  readonly folder: string
  /** Copies of files that are to be sent. */
  readonly files: string
  readonly progress: JournalProgress
  /** Where its files end. */
  readonly end: Position
  /** What a process left that ended without closing its client. */
  readonly isOrphan: boolean
  read(most: number): Promise<PlacedEntry[]>
  /** Everything before the position is sent. */
  advance(at: Position): Promise<void>
  /** Removes the folder. */
  remove(): Promise<void>
}

export interface OwnSession extends JournalSession {
  readonly writer: SegmentWriter
  /** Says to other machines that the owner lives. */
  beat(): Promise<void>
  /** Ends the writing; leaves the folder for whoever comes next where there is more to send. */
  leave(hasMore: boolean): void
}

/** Which server a journal is meant for. */
interface JournalHeader {
  readonly format: number
  readonly url: string
}

const HEADER_FILE = 'journal.json'
const FORMAT = 1

const NAME = new RegExp(`^(\\d+-[0-9a-f]{8})\\.(left|${OWNER_TAG_PATTERN})$`)

export function beginSession(root: string, url: string, write?: WriteBytes): OwnSession {
  const stem = `${Date.now()}-${randomUUID().slice(0, 8)}`
  const folder = join(root, `${stem}.${OWNER_TAG}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, HEADER_FILE), JSON.stringify({ format: FORMAT, url } satisfies JournalHeader))
  const writer = createSegmentWriter(folder, write)
  return Object.assign(
    sessionOver(folder, () => writer.end, false),
    {
      writer,
      beat: () => utimes(folder, new Date(), new Date()),
      leave(hasMore: boolean) {
        writer.close()
        if (hasMore) renameSync(folder, join(root, `${stem}.left`))
      },
    },
  )
}

function sessionOver(folder: string, endOf: () => Position, isOrphan: boolean): JournalSession {
  const progress = openProgress(folder)
  return {
    folder,
    files: join(folder, 'files'),
    progress,
    isOrphan,
    get end() {
      return endOf()
    },
    read: (most) => readEntries(folder, progress.at, endOf(), most),
    async advance(at) {
      const before = progress.at.segment
      progress.advance(at)
      for (let segment = before; segment < at.segment; segment++)
        await rm(join(folder, segmentName(segment)), { force: true })
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

export interface Adopted {
  readonly session: JournalSession
  readonly damage: readonly JournalDamage[]
}

/** Takes over what earlier processes left for the same server, oldest first. */
export async function adoptSessions(root: string, url: string): Promise<Adopted[]> {
  const names = await readdir(root).catch(() => [])
  const adopted: Adopted[] = []
  for (const name of names.sort()) {
    const [, stem, owner] = NAME.exec(name) ?? []
    const folder = join(root, name)
    if (stem === undefined || owner === undefined || !(await isLeft(owner, folder))) continue
    if (!(await isFor(folder, url))) continue
    const mine = join(root, `${stem}.${OWNER_TAG}`)
    const isMine = await rename(folder, mine).then(
      () => true,
      // Another process was faster.
      () => false,
    )
    if (!isMine) continue
    const { end, damage } = await repairJournal(mine)
    adopted.push({ session: sessionOver(mine, () => end, owner !== 'left'), damage })
  }
  return adopted
}

async function isFor(folder: string, url: string): Promise<boolean> {
  const text = await readFile(join(folder, HEADER_FILE), 'utf8').catch(() => '')
  try {
    const header = JSON.parse(text) as JournalHeader
    return header.format === FORMAT && header.url === url
  } catch {
    return false
  }
}

const SILENT_MS = 120_000

/** Owners on other machines, in other containers or before a restart cannot be asked: they are gone once they are silent. */
async function isLeft(owner: string, folder: string): Promise<boolean> {
  if (owner === 'left' || isOwnerGone(owner)) return true
  if (owner.split('-')[2] === OWNER_TAG.split('-')[2]) return false
  const { mtimeMs } = await stat(folder)
  return Date.now() - mtimeMs > SILENT_MS
}
