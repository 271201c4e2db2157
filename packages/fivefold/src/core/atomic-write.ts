import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isOwnerGone, OWNER_TAG, OWNER_TAG_PATTERN } from './process-owner.ts'

/**
 * Writes a file so that a reader sees either the old one or the whole new one, also after a power cut. Content that is large can
 * come piece by piece.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array | Iterable<Uint8Array>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = besideTemporary(path)
  try {
    const handle = await open(temporary, 'wx')
    try {
      const pieces = typeof content === 'string' || content instanceof Uint8Array ? [content] : content
      for (const piece of pieces) await handle.writeFile(piece)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/**
 * Fills a new folder beside `path`, then puts it in the place of what was there before, which is kept until then.
 * No file system call that Node has exchanges two folders, so for a moment there is none at `path`: whoever finds none
 * calls `recoverFolder`, which brings the earlier one back where a process died in that moment.
 */
export async function writeFolderAtomic(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await removeAbandoned(path)
  const temporary = besideTemporary(path)
  await mkdir(temporary)
  try {
    await fill(temporary)
    await replaceFolder(path, temporary)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

const MOST_RIVALS = 20

async function replaceFolder(path: string, temporary: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await recoverFolder(path)
    await retire(path)
    try {
      await rename(temporary, path)
      await discardPrevious(path)
      return
    } catch (error) {
      // Somebody recovered the earlier folder, or another writer was faster: theirs is what is replaced now.
      if (isOccupied(error) && attempt < MOST_RIVALS) continue
      await recoverFolder(path)
      throw error
    }
  }
}

/** Out of the way, under a name by which it is found again. */
async function retire(path: string): Promise<void> {
  if (!existsSync(path)) return
  await discardPrevious(path)
  await rename(path, previousOf(path)).catch((error: unknown) => {
    if (!isOccupied(error)) ignoreMissing(error as NodeJS.ErrnoException)
  })
}

/** Under another name first: what is half removed must not be brought back. */
async function discardPrevious(path: string): Promise<void> {
  const discarded = besideTemporary(path)
  await rename(previousOf(path), discarded).catch(ignoreMissing)
  await rm(discarded, { recursive: true, force: true })
}

/** Brings back the folder that `writeFolderAtomic` was about to replace when its process died. Does nothing where one is there. */
export async function recoverFolder(path: string): Promise<void> {
  if (existsSync(path) || !existsSync(previousOf(path))) return
  await rename(previousOf(path), path).catch((error: unknown) => {
    // Another process was faster.
    if (!isOccupied(error)) ignoreMissing(error as NodeJS.ErrnoException)
  })
}

const previousOf = (path: string): string => join(dirname(path), `.${basename(path)}.previous`)

function isOccupied(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code
  return code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM'
}

/** Half-filled folders of processes that were killed. */
async function removeAbandoned(path: string): Promise<void> {
  const start = `.${basename(path)}.`
  for (const name of await readdir(dirname(path))) {
    const owner = name.startsWith(start) ? TEMPORARY.exec(name.slice(start.length))?.[1] : undefined
    if (owner !== undefined && isOwnerGone(owner)) await rm(join(dirname(path), name), { recursive: true, force: true })
  }
}

const TEMPORARY = new RegExp(`^(${OWNER_TAG_PATTERN})\\.[0-9a-f]{12}\\.tmp$`)

function besideTemporary(path: string): string {
  return join(dirname(path), `.${basename(path)}.${OWNER_TAG}.${randomBytes(6).toString('hex')}.tmp`)
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
