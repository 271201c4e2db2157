import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Writes a file so that a reader sees either the old one or the whole new one, also after a power cut. */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = besideTemporary(path)
  try {
    const handle = await open(temporary, 'wx')
    try {
      await handle.writeFile(content)
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
 * Fills a new folder beside `path`, then swaps it in: a folder at `path` is always complete.
 * What was there before is replaced only once the new one is whole.
 */
export async function writeFolderAtomic(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = besideTemporary(path)
  const retired = besideTemporary(path)
  await mkdir(temporary)
  try {
    await fill(temporary)
    await rename(path, retired).catch(ignoreMissing)
    await rename(temporary, path).catch(async (error: unknown) => {
      await rename(retired, path).catch(ignoreMissing)
      throw error
    })
  } finally {
    await rm(temporary, { recursive: true, force: true })
    await rm(retired, { recursive: true, force: true })
  }
}

function besideTemporary(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
