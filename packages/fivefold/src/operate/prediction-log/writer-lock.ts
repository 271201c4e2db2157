import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { FivefoldError } from '../../core/index.ts'

export interface WriterLock {
  release(): Promise<void>
}

interface Holder {
  readonly pid: number
  readonly host: string
  /** Start of the process, so that another one under a reused number is told apart. */
  readonly startedAtMs: number
}

const HEARTBEAT_MS = 2_000
/** A holder on another machine cannot be asked; one that has not touched its lock for this long is gone. */
const STALE_AFTER_MS = 15_000
/** The start of a process is known by its uptime, to within rounding. */
const START_TOLERANCE_MS = 2_000
const startedAtMs = Math.round(Date.now() - process.uptime() * 1000)

/** Folders that this process writes: its own number in a lock file says nothing else. */
const heldHere = new Set<string>()

/**
 * One writer a log folder. A lock whose holder died, also by SIGKILL, is taken over.
 *
 * @throws STORE_CONFLICT where another writer lives
 */
export async function lockForWriting(dir: string): Promise<WriterLock> {
  await mkdir(dir, { recursive: true })
  const key = resolve(dir)
  const path = join(key, 'writer.lock')
  if (heldHere.has(key)) throw conflict(dir, 'this process')
  heldHere.add(key)
  try {
    await takeLock(path, dir)
  } catch (error) {
    heldHere.delete(key)
    throw error
  }
  const heartbeat = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS).unref()
  return {
    release: async () => {
      clearInterval(heartbeat)
      heldHere.delete(key)
      await rm(path, { force: true })
    },
  }
}

async function takeLock(path: string, dir: string): Promise<void> {
  const started = conflict(dir, 'a process that started at the same moment')
  if (!(await writeLock(path))) {
    const holder = await liveHolder(path)
    if (holder) throw conflict(dir, `process ${holder.pid} on ${holder.host}`)
    if (!(await removeDeadLock(path)) || !(await writeLock(path))) throw started
  }
  // Whoever judged the same dead lock a moment ago may have moved this one away before it looked at it.
  await setTimeout(SETTLE_MS)
  if ((await readFile(path, 'utf8').catch(() => '')) !== ownText()) throw started
}

const SETTLE_MS = 50
const ownText = (): string => JSON.stringify({ pid: process.pid, host: hostname(), startedAtMs } satisfies Holder)

/** The file appears with its content: a reader never sees an empty lock. */
async function writeLock(path: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(draft, ownText(), { flag: 'wx' })
    await link(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw FivefoldError.from(error, 'STORE_UNAVAILABLE')
  } finally {
    await rm(draft, { force: true })
  }
}

/** Moves the lock aside, which one process alone can do, and looks again at what it has: a live one goes back. */
async function removeDeadLock(path: string): Promise<boolean> {
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await rename(path, aside)
  } catch {
    return false
  }
  try {
    if (!(await liveHolder(aside))) return true
    await link(aside, path).catch(() => {})
    return false
  } finally {
    await rm(aside, { force: true })
  }
}

async function liveHolder(path: string): Promise<Holder | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    const holder = JSON.parse(text) as Holder
    const isFresh = Date.now() - mtimeMs < STALE_AFTER_MS
    return (holder.host === hostname() ? isRunning(holder) && isFresh : isFresh) ? holder : undefined
  } catch {
    // Gone again, or torn by a crash while it was written: nobody holds it.
    return undefined
  }
}

function isRunning({ pid, startedAtMs: theirs }: Holder): boolean {
  // Our own number in a lock that this process does not hold: an earlier process, as in a restarted container.
  if (pid === process.pid) return Math.abs(theirs - startedAtMs) < START_TOLERANCE_MS
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function conflict(dir: string, holder: string): FivefoldError {
  return new FivefoldError('STORE_CONFLICT', `the log ${dir} is written by ${holder}`, {
    remedy: 'Give each server a log folder of its own, or stop the other one.',
  })
}
