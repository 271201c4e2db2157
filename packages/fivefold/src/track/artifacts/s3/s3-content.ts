import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { FivefoldError } from '../../../core/index.ts'
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
  type StoredFile,
  storing,
} from '../content-store.ts'
import { createModelCache } from './model-cache.ts'
import { eachOf } from './pieces.ts'
import type { S3Timing } from './s3-client.ts'
import type { S3Location } from './s3-location.ts'
import { createS3Objects, INCOMING, readText, type S3Objects } from './s3-objects.ts'
import { createS3Uploads, UPLOADS } from './s3-uploads.ts'

export interface S3ContentOptions {
  /** Folder of the models that were fetched. */
  readonly cache: string
  /** Default 20 GiB. */
  readonly cacheBytes?: number
  readonly timing?: S3Timing
}

const CACHE_BYTES = 20 * 2 ** 30
const FILES_AT_ONCE = 8

/** Content as objects, under the names that files have on disk: the two can be copied to one another. */
export function createS3Content(location: S3Location, options: S3ContentOptions): ContentStore {
  const objects = createS3Objects(location, options.timing)
  const keyInFolder = (hash: string, name: string): string => `${folderKey(hash)}${name}`
  const filesOfFolder = async (hash: string): Promise<FolderFile[]> => {
    const files: FolderFile[] = []
    for await (const entries of objects.list(folderKey(hash)))
      files.push(...entries.map(({ key, sizeBytes }) => ({ name: key.slice(folderKey(hash).length), sizeBytes })))
    return files
  }
  const readFolderFile = (hash: string, { name }: FolderFile): AsyncIterable<Uint8Array> =>
    objects.read(keyInFolder(hash, name))
  const cache = createModelCache(options.cache, options.cacheBytes ?? CACHE_BYTES, {
    list: filesOfFolder,
    read: readFolderFile,
  })
  /** What of a folder is not there yet; the rest of it need not travel again. */
  const lacking = async (hash: string, files: readonly StoredFile[]): Promise<StoredFile[]> => {
    const present = new Map((await filesOfFolder(hash)).map(({ name, sizeBytes }) => [name, sizeBytes]))
    return files.filter(({ name, sizeBytes }) => present.get(name) !== sizeBytes)
  }

  return {
    placeOfFile: (sha256) => objects.addressOf(fileKey(sha256)),
    pathOfFolder: cache.pathOf,
    uploads: createS3Uploads(objects),
    async addStream(source, maxBytes) {
      const measured = measure(source, maxBytes)
      await storing(() => objects.putStream(measured.stream, () => fileKey(measured.content().sha256)))
      return measured.content()
    },
    addFiles: (path) =>
      storing(async () => {
        const files = await describeFiles(path)
        await eachOf(files, FILES_AT_ONCE, (file) =>
          putFile(objects, join(path, file.name), file, fileKey(file.sha256)),
        )
        return files
      }),
    openFile: (content) =>
      Readable.from(verified(objects.read(fileKey(content.sha256)), content), { objectMode: false }),
    addFolder: (path) =>
      storing(async () => {
        const files = await describeFiles(path)
        const hash = folderHash(files)
        await eachOf(await lacking(hash, files), FILES_AT_ONCE, (file) =>
          putFile(objects, join(path, file.name), file, keyInFolder(hash, file.name)),
        )
        return hash
      }),
    addTree: (files) =>
      storing(async () => {
        const sorted = [...files].sort(byName)
        const hash = folderHash(sorted)
        await eachOf(await lacking(hash, sorted), FILES_AT_ONCE, ({ name, sha256, sizeBytes }) =>
          objects.copy(fileKey(sha256), keyInFolder(hash, name), sizeBytes),
        )
        return hash
      }),
    filesOfFolder,
    openFolderFile: (hash, file) => Readable.from(readFolderFile(hash, file), { objectMode: false }),
    fetchFolder: (hash) => storing(() => cache.fetch(hash)),
    async *filesOlderThan(timeMs) {
      for await (const entries of objects.list('artifacts/'))
        yield entries
          .filter(({ modifiedMs }) => modifiedMs < timeMs)
          .map(({ key, sizeBytes }) => ({ sha256: key.slice(key.lastIndexOf('/') + 1), sizeBytes }))
    },
    removeFiles: (hashes) => eachOf(hashes, FILES_AT_ONCE, (sha256) => objects.remove(fileKey(sha256))),
    sweepLeftovers: (timeMs, dryRun) => sweep(objects, timeMs, dryRun),
    probe: () => probe(objects),
    close: () => objects.close(),
  }
}

const folderKey = (hash: string): string => `models/${hash}/`

/** Uploads a file that was hashed before. */
async function putFile(objects: S3Objects, path: string, expected: Content, key: string): Promise<void> {
  const measured = measure(createReadStream(path) as AsyncIterable<Uint8Array>)
  const unchangedKey = (): string => {
    if (measured.content().sha256 !== expected.sha256) throw changedMeanwhile(path)
    return key
  }
  await objects.putStream(measured.stream, unchangedKey, key)
}

/** Holds the last piece back until the hash is right: what is damaged ends early, and is never taken for the whole. */
async function* verified(source: AsyncIterable<Uint8Array>, { sha256 }: Content): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256')
  let held: Uint8Array | undefined
  for await (const chunk of source) {
    hash.update(chunk)
    if (held) yield held
    held = chunk
  }
  if (hash.digest('hex') !== sha256)
    throw new FivefoldError('ARTIFACT_DAMAGED', `what lies under the hash ${sha256} has another`)
  if (held) yield held
}

async function sweep(objects: S3Objects, timeMs: number, dryRun: boolean): Promise<number> {
  const unfinished = await objects.unfinishedSince(timeMs)
  const abandoned = [
    ...(await groupsOlderThan(objects, INCOMING, timeMs)),
    ...(await groupsOlderThan(objects, UPLOADS, timeMs)),
  ]
  if (!dryRun) {
    await eachOf(unfinished, FILES_AT_ONCE, (upload) => upload.abort())
    await eachOf(abandoned.flat(), FILES_AT_ONCE, (key) => objects.remove(key))
  }
  return unfinished.length + abandoned.length
}

/** Keys below a prefix by the next part of their path, of which none was written since a time. */
async function groupsOlderThan(objects: S3Objects, prefix: string, timeMs: number): Promise<string[][]> {
  const groups = new Map<string, { keys: string[]; newestMs: number }>()
  for await (const entries of objects.list(prefix))
    for (const { key, modifiedMs } of entries) {
      const name = key.slice(prefix.length).split('/')[0]!
      const group = groups.get(name) ?? { keys: [], newestMs: 0 }
      group.keys.push(key)
      group.newestMs = Math.max(group.newestMs, modifiedMs)
      groups.set(name, group)
    }
  return [...groups.values()].filter(({ newestMs }) => newestMs < timeMs).map(({ keys }) => keys)
}

/** Everything that is needed later, so that what is lacking is said now. */
async function probe(objects: S3Objects): Promise<void> {
  const key = `${INCOMING}probe-${randomBytes(12).toString('hex')}`
  await objects.put(key, key)
  if ((await readText(objects, key)) !== key)
    throw new FivefoldError('STORE_UNAVAILABLE', `${objects.addressOf(key)} does not hold what was just written there`)
  await objects.remove(key)
  for await (const _ of objects.list(INCOMING)) break
}
