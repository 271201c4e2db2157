import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, copyFile, lstat, mkdir, open, readdir, rename, rm, utimes } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { FivefoldError } from '../../core/index.ts'

export interface StoredFile {
  /** Path below what was added, with forward slashes; '' where that was a file itself. */
  readonly name: string
  readonly sha256: string
  readonly sizeBytes: number
}

/**
 * Files and folders kept under the hash of their content: the same content is kept once, nothing is ever overwritten,
 * and writers that bring the same thing at once agree.
 */
export interface ContentStore {
  /** Keeps what a stream brings, once it has brought all of it. Throws REQUEST_TOO_LARGE beyond `maxBytes`. */
  addStream(source: AsyncIterable<Uint8Array>, maxBytes?: number): Promise<Omit<StoredFile, 'name'>>
  /** Copies a file, or all files of a folder, one by one. */
  addFiles(path: string): Promise<StoredFile[]>
  pathOfFile(sha256: string): string
  /** Copies a folder as a whole; returns its hash. */
  addFolder(path: string): Promise<string>
  pathOfFolder(hash: string): string
  /** Makes a folder of files that were added one by one; returns its hash. */
  addTree(files: readonly StoredFile[]): Promise<string>
  /** The files of a folder that was added, by name; none where it is not there. */
  filesOfFolder(hash: string): Promise<{ readonly name: string; readonly sizeBytes: number }[]>
  /** The kept files that nobody has brought since a time, in groups. */
  filesOlderThan(timeMs: number): AsyncIterable<readonly Omit<StoredFile, 'name'>[]>
  /** Forgets the content of a file. */
  removeFile(sha256: string): Promise<void>
}

export function createContentStore(root: string): ContentStore {
  const pathOfFile = (sha256: string): string => join(root, 'artifacts', sha256.slice(0, 2), sha256)
  const pathOfFolder = (hash: string): string => join(root, 'models', hash)
  return {
    pathOfFile,
    pathOfFolder,
    addStream: (source, maxBytes) => storing(() => receive(source, join(root, 'incoming'), pathOfFile, maxBytes)),
    filesOfFolder: (hash) => storing(() => listFiles(pathOfFolder(hash))),
    addTree: (files) =>
      storing(async () => {
        const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : 1))
        const hash = folderHash(sorted)
        await placeOnce(pathOfFolder(hash), async (temporary) => {
          for (const { name, sha256 } of sorted) {
            await mkdir(dirname(join(temporary, name)), { recursive: true })
            await copyDurably(pathOfFile(sha256), join(temporary, name))
          }
        })
        return hash
      }),
    filesOlderThan: (timeMs) => listOldFiles(join(root, 'artifacts'), timeMs),
    removeFile: (sha256) => storing(() => rm(pathOfFile(sha256), { force: true })),
    addFiles: (path) =>
      storing(async () => {
        const files = await describeFiles(path)
        for (const { name, sha256 } of files) {
          await placeOnce(pathOfFile(sha256), (temporary) => copyDurably(join(path, name), temporary))
        }
        return files
      }),
    addFolder: (path) =>
      storing(async () => {
        const files = await describeFiles(path)
        const hash = folderHash(files)
        await placeOnce(pathOfFolder(hash), async (temporary) => {
          for (const { name } of files) {
            await mkdir(dirname(join(temporary, name)), { recursive: true })
            await copyDurably(join(path, name), join(temporary, name))
          }
          // Guards against files that changed between hashing and copying.
          if (folderHash(await describeFiles(temporary)) !== hash)
            throw new FivefoldError('STORE_CONFLICT', `${path} changed while it was copied`)
        })
        return hash
      }),
  }
}

/** The hash is known only at the end, so content comes in under a name of its own first. */
async function receive(
  source: AsyncIterable<Uint8Array>,
  incoming: string,
  pathOfFile: (sha256: string) => string,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<Omit<StoredFile, 'name'>> {
  await mkdir(incoming, { recursive: true })
  const temporary = join(incoming, `${randomBytes(12).toString('hex')}.tmp`)
  try {
    const received = await writeDurably(source, temporary, maxBytes)
    const path = pathOfFile(received.sha256)
    await mkdir(dirname(path), { recursive: true })
    await rename(temporary, path)
    return received
  } finally {
    await rm(temporary, { force: true })
  }
}

async function writeDurably(
  source: AsyncIterable<Uint8Array>,
  path: string,
  maxBytes: number,
): Promise<Omit<StoredFile, 'name'>> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  const handle = await open(path, 'wx')
  try {
    for await (const chunk of source) {
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes)
        throw new FivefoldError('REQUEST_TOO_LARGE', `the content is larger than ${maxBytes} bytes`)
      hash.update(chunk)
      await handle.writeFile(chunk)
    }
    await handle.sync()
  } finally {
    await handle.close()
  }
  return { sha256: hash.digest('hex'), sizeBytes }
}

async function* listOldFiles(root: string, timeMs: number): AsyncIterable<Omit<StoredFile, 'name'>[]> {
  const folders = (await exists(root)) ? await readdir(root) : []
  for (const folder of folders) {
    const old: Omit<StoredFile, 'name'>[] = []
    for (const sha256 of await readdir(join(root, folder))) {
      const { mtimeMs, size } = await lstat(join(root, folder, sha256))
      if (mtimeMs < timeMs) old.push({ sha256, sizeBytes: size })
    }
    if (old.length > 0) yield old
  }
}

async function listFiles(path: string): Promise<{ name: string; sizeBytes: number }[]> {
  if (!(await exists(path))) return []
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files: { name: string; sizeBytes: number }[] = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const full = join(entry.parentPath, entry.name)
    files.push({ name: relative(path, full).split(sep).join('/'), sizeBytes: (await lstat(full)).size })
  }
  return files
}

async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw FivefoldError.from(error, 'STORE_UNAVAILABLE')
  }
}

/** Fills a temporary neighbour and renames it: at `path` there is all or nothing. */
async function placeOnce(path: string, fill: (temporary: string) => Promise<void>): Promise<void> {
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

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  const handle = await open(to, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Every regular file, by name. Links are not followed: they could point anywhere. */
async function describeFiles(path: string): Promise<StoredFile[]> {
  const entry = await lstat(path)
  if (entry.isFile()) return [{ name: '', ...(await hashFile(path)) }]
  if (!entry.isDirectory())
    throw new FivefoldError('STORAGE_DENIED', `${path} is neither a file nor a folder, and is not copied`)
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const names = entries
    .filter((file) => file.isFile())
    .map((file) => relative(path, join(file.parentPath, file.name)).split(sep).join('/'))
    .sort()
  const files: StoredFile[] = []
  for (const name of names) files.push({ name, ...(await hashFile(join(path, name))) })
  return files
}

async function hashFile(path: string): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    sizeBytes += chunk.length
  }
  return { sha256: hash.digest('hex'), sizeBytes }
}

function folderHash(files: readonly StoredFile[]): string {
  return createHash('sha256')
    .update(files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(''))
    .digest('hex')
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['EEXIST', 'ENOTEMPTY', 'EPERM'].includes(String(error.code))
