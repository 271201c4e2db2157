import { randomBytes } from 'node:crypto'
import { access, mkdir, rename, rm, utimes } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Fills a temporary neighbour and renames it: at `path` there is all or nothing. What is there already is marked as wanted. */
export async function placeOnce(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  if (await exists(path)) {
    // It is wanted again: whoever collects what is old must see that.
    const now = new Date()
    return utimes(path, now, now)
  }
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await fill(temporary)
    await rename(temporary, path)
  } catch (error) {
    // Another writer brought the same content first.
    if (!(isTaken(error) && (await exists(path)))) throw error
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['EEXIST', 'ENOTEMPTY', 'EPERM'].includes(String(error.code))
