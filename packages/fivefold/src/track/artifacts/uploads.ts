import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { FivefoldError } from '../../core/index.ts'
import { checkArtifactPath } from './artifact-path.ts'

/** Uploads in parts, which may come in any order, at once, and again after a failure. */
export interface UploadStore {
  /** Returns the id of the upload. */
  createUpload(path: string): Promise<string>
  /** Throws ARTIFACT_NOT_FOUND for an unknown upload, OPTION_INVALID. */
  writeUploadPart(uploadId: string, part: number, source: AsyncIterable<Uint8Array>): Promise<void>
  /** Joins the parts, in the order of the numbers, and puts the whole at its path. Throws ARTIFACT_NOT_FOUND. */
  completeUpload(uploadId: string, parts: readonly number[]): Promise<void>
  abortUpload(uploadId: string): Promise<void>
}

const MAX_PARTS = 10_000

export function createUploads(
  root: string,
  writeArtifact: (path: string, source: AsyncIterable<Uint8Array>) => Promise<void>,
): UploadStore {
  const folderOf = (uploadId: string): string => {
    if (!/^[0-9a-f]{32}$/.test(uploadId)) throw unknownUpload(uploadId)
    return join(root, 'uploads', uploadId)
  }
  const pathOf = async (uploadId: string): Promise<string> => {
    try {
      return await readFile(join(folderOf(uploadId), 'path'), 'utf8')
    } catch (cause) {
      throw unknownUpload(uploadId, cause)
    }
  }
  return {
    async createUpload(path) {
      checkArtifactPath(path)
      const uploadId = randomBytes(16).toString('hex')
      await mkdir(folderOf(uploadId), { recursive: true })
      await writeFile(join(folderOf(uploadId), 'path'), path)
      return uploadId
    },
    async writeUploadPart(uploadId, part, source) {
      await pathOf(uploadId)
      checkPart(part)
      const temporary = join(folderOf(uploadId), `${part}.${randomBytes(6).toString('hex')}.tmp`)
      await pipeline(Readable.from(source), createWriteStream(temporary))
      await rename(temporary, join(folderOf(uploadId), `part-${part}`))
    },
    async completeUpload(uploadId, parts) {
      const path = await pathOf(uploadId)
      const folder = folderOf(uploadId)
      const names = await readdir(folder)
      const ordered = [...parts].sort((a, b) => a - b).map((part) => `part-${part}`)
      const missing = ordered.find((name) => !names.includes(name))
      if (missing !== undefined || ordered.length === 0)
        throw new FivefoldError('OPTION_INVALID', `upload '${uploadId}' lacks ${missing ?? 'every part'}`)
      await writeArtifact(path, joined(ordered.map((name) => join(folder, name))))
      await rm(folder, { recursive: true, force: true })
    },
    async abortUpload(uploadId) {
      await pathOf(uploadId)
      await rm(folderOf(uploadId), { recursive: true, force: true })
    },
  }
}

async function* joined(files: readonly string[]): AsyncIterable<Uint8Array> {
  for (const file of files) yield* createReadStream(file) as AsyncIterable<Uint8Array>
}

function checkPart(part: number): void {
  if (Number.isInteger(part) && part >= 1 && part <= MAX_PARTS) return
  throw new FivefoldError('OPTION_INVALID', `part ${part}: parts are numbered from 1 to ${MAX_PARTS}`)
}

const unknownUpload = (uploadId: string, cause?: unknown): FivefoldError =>
  new FivefoldError('ARTIFACT_NOT_FOUND', `there is no upload '${uploadId.slice(0, 64)}'`, { cause })
