import { createWriteStream } from 'node:fs'
import { lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { FivefoldError } from '../../../core/index.ts'
import { checkArtifactPath } from '../artifact-path.ts'
import { describeFiles, type FolderFile, folderHash } from '../content-store.ts'
import { placeOnce } from '../disk/place-once.ts'

/** Folders by their hash on disk, since the runtime opens files; what was not used for longest goes when there are too many. */
export interface ModelCache {
  pathOf(hash: string): string
  /** Throws ARTIFACT_NOT_FOUND, ARTIFACT_DAMAGED. */
  fetch(hash: string): Promise<string>
}

export interface ModelSource {
  list(hash: string): Promise<readonly FolderFile[]>
  read(hash: string, file: FolderFile): AsyncIterable<Uint8Array>
}

export function createModelCache(root: string, maxBytes: number, source: ModelSource): ModelCache {
  const underWay = new Map<string, Promise<string>>()
  const pathOf = (hash: string): string => join(root, hash)
  const fetchOnce = async (hash: string): Promise<string> => {
    await placeOnce(pathOf(hash), (temporary) => download(source, hash, temporary))
    await evict(root, maxBytes, hash)
    return pathOf(hash)
  }
  return {
    pathOf,
    fetch(hash) {
      const known = underWay.get(hash)
      if (known) return known
      const fetching = fetchOnce(hash).finally(() => underWay.delete(hash))
      underWay.set(hash, fetching)
      return fetching
    },
  }
}

async function download(source: ModelSource, hash: string, folder: string): Promise<void> {
  const files = await source.list(hash)
  if (files.length === 0) throw new FivefoldError('ARTIFACT_NOT_FOUND', `the files of model ${hash} are not there`)
  for (const file of files) {
    const path = join(folder, checkArtifactPath(file.name))
    await mkdir(dirname(path), { recursive: true })
    await pipeline(source.read(hash, file), createWriteStream(path, { flags: 'wx' }))
  }
  if (folderHash(await describeFiles(folder)) !== hash)
    throw new FivefoldError('ARTIFACT_DAMAGED', `the files of model ${hash} are not those that were registered`)
}

/** Removes what was used longest ago until the rest fits; never the folder that was just asked for. */
async function evict(root: string, maxBytes: number, kept: string): Promise<void> {
  const folders = await Promise.all(
    (await readdir(root))
      .filter((name) => /^[0-9a-f]{64}$/.test(name))
      .map(async (name) => ({ name, ...(await measureFolder(join(root, name))) })),
  )
  let total = folders.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  for (const { name, sizeBytes } of folders.sort((a, b) => a.usedMs - b.usedMs)) {
    if (total <= maxBytes) return
    if (name === kept) continue
    await rm(join(root, name), { recursive: true, force: true })
    total -= sizeBytes
  }
}

async function measureFolder(path: string): Promise<{ sizeBytes: number; usedMs: number }> {
  try {
    const { mtimeMs } = await lstat(path)
    const files = await readdir(path, { recursive: true, withFileTypes: true })
    const sizes = await Promise.all(
      files.map(async (file) => (file.isFile() ? (await lstat(join(file.parentPath, file.name))).size : 0)),
    )
    return { sizeBytes: sizes.reduce((sum, size) => sum + size, 0), usedMs: mtimeMs }
  } catch {
    // Another process is removing it.
    return { sizeBytes: 0, usedMs: 0 }
  }
}
