import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
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
  if (await writeLock(path)) return
  const holder = await liveHolder(path)
  if (holder) throw conflict(dir, `process ${holder.pid} on ${holder.host}`)
  await rm(path, { force: true })
  if (!(await writeLock(path))) throw conflict(dir, 'a process that started at the same moment')
}

async function writeLock(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx')
    const holder: Holder = { pid: process.pid, host: hostname(), startedAtMs }
    await handle.writeFile(JSON.stringify(holder))
    await handle.close()
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw FivefoldError.from(error, 'STORE_UNAVAILABLE')
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
  return new FivefoldError('STORE_CONFLICT', `the prediction log ${dir} is written by ${holder}`, {
    remedy: 'Give each server a log folder of its own, or stop the other one.',
  })
}
