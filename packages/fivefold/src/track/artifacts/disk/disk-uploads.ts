import { randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { UploadSpace } from '../content-store.ts'

export const UPLOADS = 'uploads'

/** Parts of uploads as files, in a folder for each upload. */
export function createDiskUploads(root: string): UploadSpace {
  const folderOf = (uploadId: string): string => join(root, UPLOADS, uploadId)
  return {
    async begin(uploadId, path) {
      await mkdir(folderOf(uploadId), { recursive: true })
      await writeFile(join(folderOf(uploadId), 'path'), path)
    },
    pathOf: (uploadId) =>
      readFile(join(folderOf(uploadId), 'path'), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw error
      }),
    async writePart(uploadId, part, source) {
      const temporary = join(folderOf(uploadId), `${part}.${randomBytes(6).toString('hex')}.tmp`)
      try {
        await pipeline(Readable.from(source), createWriteStream(temporary))
        await rename(temporary, join(folderOf(uploadId), `part-${part}`))
      } finally {
        await rm(temporary, { force: true })
      }
    },
    async listParts(uploadId) {
      const names = await readdir(folderOf(uploadId))
      return names.flatMap((name) => /^part-(\d+)$/.exec(name)?.[1] ?? []).map(Number)
    },
    readPart: (uploadId, part) =>
      createReadStream(join(folderOf(uploadId), `part-${part}`)) as AsyncIterable<Uint8Array>,
    discard: (uploadId) => rm(folderOf(uploadId), { recursive: true, force: true }),
  }
}
