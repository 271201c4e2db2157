import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { FivefoldError } from '../../core/index.ts'

export interface Content {
  readonly sha256: string
  readonly sizeBytes: number
}

export interface StoredFile extends Content {
  /** Path below what was added, with forward slashes; '' where that was a file itself. */
  readonly name: string
}

export interface FolderFile {
  readonly name: string
  readonly sizeBytes: number
}

/**
 * Files and folders kept under the hash of their content: the same content is kept once, what is there is whole, and
 * writers that bring the same thing at once agree.
 */
export interface ContentStore {
  /** Keeps what a stream brings, once it has brought all of it. Throws REQUEST_TOO_LARGE beyond `maxBytes`. */
  addStream(source: AsyncIterable<Uint8Array>, maxBytes?: number): Promise<Content>
  /** Copies a file, or all files of a folder, one by one. */
  addFiles(path: string): Promise<StoredFile[]>
  openFile(content: Content): Readable
  /** Path, or address in S3. */
  placeOfFile(sha256: string): string
  /** Copies a folder as a whole; returns its hash. */
  addFolder(path: string): Promise<string>
  /** Makes a folder of files that were added one by one; returns its hash. */
  addTree(files: readonly StoredFile[]): Promise<string>
  /** The files of a folder that was added; none where it is not there. */
  filesOfFolder(hash: string): Promise<FolderFile[]>
  openFolderFile(hash: string, file: FolderFile): Readable
  /** Where a folder lies on disk, once `fetchFolder` has seen to it. */
  pathOfFolder(hash: string): string
  /** Brings a folder to disk where it is elsewhere; returns its path. Throws ARTIFACT_NOT_FOUND, ARTIFACT_DAMAGED. */
  fetchFolder(hash: string): Promise<string>
  /** The kept files that nobody has brought since a time, in groups. */
  filesOlderThan(timeMs: number): AsyncIterable<readonly Content[]>
  /** Forgets the content of files. */
  removeFiles(hashes: readonly string[]): Promise<void>
  readonly uploads: UploadSpace
  /** Removes what was begun and not touched since a time; returns how many there were. `dryRun` only counts. */
  sweepLeftovers(timeMs: number, dryRun: boolean): Promise<number>
  /** Writes, reads and removes something small. Throws STORAGE_DENIED, STORE_UNAVAILABLE, OPTION_INVALID. */
  probe(): Promise<void>
  close(): Promise<void>
}

/** Where the parts of uploads lie until they are joined. */
export interface UploadSpace {
  begin(uploadId: string, path: string): Promise<void>
  /** What `begin` was given; undefined for an unknown upload. */
  pathOf(uploadId: string): Promise<string | undefined>
  /** Takes the place of what came before under this number, once all of it is there. */
  writePart(uploadId: string, part: number, source: AsyncIterable<Uint8Array>): Promise<void>
  listParts(uploadId: string): Promise<number[]>
  readPart(uploadId: string, part: number): AsyncIterable<Uint8Array>
  discard(uploadId: string): Promise<void>
}

/** Where the content of a file lies below the root of a store. */
export const fileKey = (sha256: string): string => `artifacts/${sha256.slice(0, 2)}/${sha256}`

/** A folder's hash: that of the lines that `sha256sum` writes for its files. */
export function folderHash(files: readonly StoredFile[]): string {
  return createHash('sha256')
    .update(files.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(''))
    .digest('hex')
}

export const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1)

/** Every regular file, by name. Links are not followed: they could point anywhere. */
export async function describeFiles(path: string): Promise<StoredFile[]> {
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

async function hashFile(path: string): Promise<Content> {
  const hash = createHash('sha256')
  let sizeBytes = 0
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    sizeBytes += chunk.length
  }
  return { sha256: hash.digest('hex'), sizeBytes }
}

/** A stream as it goes by: what it was is known once it has ended. */
export interface Measured {
  readonly stream: AsyncIterable<Uint8Array>
  /** Of what has gone by. */
  content(): Content
}

/** Hashes and counts a stream on its way. It throws REQUEST_TOO_LARGE beyond `maxBytes`. */
export function measure(source: AsyncIterable<Uint8Array>, maxBytes = Number.POSITIVE_INFINITY): Measured {
  const hash = createHash('sha256')
  let sizeBytes = 0
  async function* passing(): AsyncIterable<Uint8Array> {
    for await (const chunk of source) {
      sizeBytes += chunk.length
      if (sizeBytes > maxBytes)
        throw new FivefoldError('REQUEST_TOO_LARGE', `the content is larger than ${maxBytes} bytes`)
      hash.update(chunk)
      yield chunk
    }
  }
  return { stream: passing(), content: () => ({ sha256: hash.copy().digest('hex'), sizeBytes }) }
}

export const changedMeanwhile = (path: string): FivefoldError =>
  new FivefoldError('STORE_CONFLICT', `${path} changed while it was copied`)

export async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw FivefoldError.from(error, 'STORE_UNAVAILABLE')
  }
}
