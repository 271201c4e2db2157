import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, lstat, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import {
  byName,
  type Content,
  type ContentStore,
  changedMeanwhile,
  describeFiles,
  type FolderFile,
  fileKey,
  folderHash,
  measure,
  storing,
} from '../content-store.ts'
import { createDiskUploads, UPLOADS } from './disk-uploads.ts'
import { exists, placeOnce } from './place-once.ts'

/** Content in a folder: files below `artifacts/`, folders below `models/`, what is on its way in `incoming/` and `uploads/`. */
export function createDiskContent(root: string): ContentStore {
  const pathOfFile = (sha256: string): string => join(root, fileKey(sha256))
  const pathOfFolder = (hash: string): string => join(root, 'models', hash)
  const incoming = join(root, 'incoming')
  return {
    placeOfFile: pathOfFile,
    pathOfFolder,
    uploads: createDiskUploads(root),
    addStream: (source, maxBytes) => storing(() => receive(source, incoming, pathOfFile, maxBytes)),
    openFile: ({ sha256 }) => createReadStream(pathOfFile(sha256)),
    filesOfFolder: (hash) => storing(() => listFiles(pathOfFolder(hash))),
    openFolderFile: (hash, { name }) => createReadStream(join(pathOfFolder(hash), name)),
    fetchFolder: async (hash) => pathOfFolder(hash),
    addTree: (files) =>
      storing(async () => {
        const sorted = [...files].sort(byName)
        const hash = folderHash(sorted)
        await placeOnce(pathOfFolder(hash), async (temporary) => {
          for (const { name, sha256 } of sorted) await copyInto(pathOfFile(sha256), join(temporary, name))
        })
        return hash
      }),
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
          for (const { name } of files) await copyInto(join(path, name), join(temporary, name))
          // Guards against files that changed between hashing and copying.
          if (folderHash(await describeFiles(temporary)) !== hash) throw changedMeanwhile(path)
        })
        return hash
      }),
    filesOlderThan: (timeMs) => listOldFiles(join(root, 'artifacts'), timeMs),
    removeFiles: (hashes) =>
      storing(async () => {
        for (const sha256 of hashes) await rm(pathOfFile(sha256), { force: true })
      }),
    sweepLeftovers: (timeMs, dryRun) =>
      storing(async () => {
        const found = [...(await oldEntries(incoming, timeMs)), ...(await oldEntries(join(root, UPLOADS), timeMs))]
        if (!dryRun) for (const path of found) await rm(path, { recursive: true, force: true })
        return found.length
      }),
    probe: () =>
      storing(async () => {
        await mkdir(incoming, { recursive: true })
        const path = join(incoming, `${randomBytes(12).toString('hex')}.tmp`)
        await writeFile(path, '')
        await rm(path)
      }),
    close: async () => {},
  }
}

/** The hash is known only at the end, so content comes in under a name of its own first. */
async function receive(
  source: AsyncIterable<Uint8Array>,
  incoming: string,
  pathOfFile: (sha256: string) => string,
  maxBytes: number | undefined,
): Promise<Content> {
  await mkdir(incoming, { recursive: true })
  const temporary = join(incoming, `${randomBytes(12).toString('hex')}.tmp`)
  try {
    const measured = measure(source, maxBytes)
    await writeDurably(measured.stream, temporary)
    const content = measured.content()
    const path = pathOfFile(content.sha256)
    await mkdir(dirname(path), { recursive: true })
    await rename(temporary, path)
    return content
  } finally {
    await rm(temporary, { force: true })
  }
}

async function writeDurably(source: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    for await (const chunk of source) await handle.writeFile(chunk)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function* listOldFiles(root: string, timeMs: number): AsyncIterable<Content[]> {
  const folders = (await exists(root)) ? await readdir(root) : []
  for (const folder of folders) {
    const old: Content[] = []
    for (const sha256 of await readdir(join(root, folder))) {
      const { mtimeMs, size } = await lstat(join(root, folder, sha256))
      if (mtimeMs < timeMs) old.push({ sha256, sizeBytes: size })
    }
    if (old.length > 0) yield old
  }
}

/** What lies directly in a folder and was not changed since a time. */
async function oldEntries(folder: string, timeMs: number): Promise<string[]> {
  const names = (await exists(folder)) ? await readdir(folder) : []
  const old: string[] = []
  for (const name of names) {
    const path = join(folder, name)
    // Whoever owns it may be done with it by now.
    const entry = await lstat(path).catch(() => undefined)
    if (entry && entry.mtimeMs < timeMs) old.push(path)
  }
  return old
}

async function listFiles(path: string): Promise<FolderFile[]> {
  if (!(await exists(path))) return []
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files: FolderFile[] = []
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const full = join(entry.parentPath, entry.name)
    files.push({ name: relative(path, full).split(sep).join('/'), sizeBytes: (await lstat(full)).size })
  }
  return files
}

async function copyInto(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true })
  await copyDurably(from, to)
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
