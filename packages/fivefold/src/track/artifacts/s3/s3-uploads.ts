import { FivefoldError } from '../../../core/index.ts'
import type { UploadSpace } from '../content-store.ts'
import { readText, type S3Objects } from './s3-objects.ts'

export const UPLOADS = 'uploads/'

/** Parts of uploads as objects, so that each may arrive at any server and be of any size. */
export function createS3Uploads(objects: S3Objects): UploadSpace {
  const folderOf = (uploadId: string): string => `${UPLOADS}${uploadId}/`
  const partKey = (uploadId: string, part: number): string => `${folderOf(uploadId)}part-${part}`
  const keysOf = async (uploadId: string): Promise<string[]> => {
    const keys: string[] = []
    for await (const entries of objects.list(folderOf(uploadId))) keys.push(...entries.map(({ key }) => key))
    return keys
  }
  return {
    begin: (uploadId, path) => objects.put(`${folderOf(uploadId)}path`, path),
    pathOf: (uploadId) =>
      readText(objects, `${folderOf(uploadId)}path`).catch((error: unknown) => {
        if (FivefoldError.from(error).code === 'ARTIFACT_NOT_FOUND') return undefined
        throw error
      }),
    writePart(uploadId, part, source) {
      const key = partKey(uploadId, part)
      return objects.putStream(source, () => key, key)
    },
    async listParts(uploadId) {
      const keys = await keysOf(uploadId)
      return keys.flatMap((key) => /\/part-(\d+)$/.exec(key)?.[1] ?? []).map(Number)
    },
    readPart: (uploadId, part) => objects.read(partKey(uploadId, part)),
    async discard(uploadId) {
      for (const key of await keysOf(uploadId)) await objects.remove(key)
    },
  }
}
