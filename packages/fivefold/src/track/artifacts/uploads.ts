import { randomBytes } from 'node:crypto'
import { FivefoldError } from '../../core/index.ts'
import { checkArtifactPath } from './artifact-path.ts'
import { storing, type UploadSpace } from './content-store.ts'

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
  space: UploadSpace,
  writeArtifact: (path: string, source: AsyncIterable<Uint8Array>) => Promise<void>,
): UploadStore {
  const pathOf = async (uploadId: string): Promise<string> => {
    const path = /^[0-9a-f]{32}$/.test(uploadId) ? await storing(() => space.pathOf(uploadId)) : undefined
    if (path !== undefined) return path
    throw new FivefoldError('ARTIFACT_NOT_FOUND', `there is no upload '${uploadId.slice(0, 64)}'`)
  }
  async function* joined(uploadId: string, parts: readonly number[]): AsyncIterable<Uint8Array> {
    for (const part of parts) yield* space.readPart(uploadId, part)
  }
  return {
    async createUpload(path) {
      checkArtifactPath(path)
      const uploadId = randomBytes(16).toString('hex')
      await storing(() => space.begin(uploadId, path))
      return uploadId
    },
    async writeUploadPart(uploadId, part, source) {
      await pathOf(uploadId)
      checkPart(part)
      await storing(() => space.writePart(uploadId, part, source))
    },
    async completeUpload(uploadId, parts) {
      const path = await pathOf(uploadId)
      const present = new Set(await storing(() => space.listParts(uploadId)))
      const ordered = [...parts].sort((a, b) => a - b)
      const missing = ordered.find((part) => !present.has(part))
      if (missing !== undefined || ordered.length === 0) {
        const what = missing === undefined ? 'every part' : `part ${missing}`
        throw new FivefoldError('OPTION_INVALID', `upload '${uploadId}' lacks ${what}`)
      }
      await writeArtifact(path, joined(uploadId, ordered))
      await storing(() => space.discard(uploadId))
    },
    async abortUpload(uploadId) {
      await pathOf(uploadId)
      await storing(() => space.discard(uploadId))
    },
  }
}

function checkPart(part: number): void {
  if (Number.isInteger(part) && part >= 1 && part <= MAX_PARTS) return
  throw new FivefoldError('OPTION_INVALID', `part ${part}: parts are numbered from 1 to ${MAX_PARTS}`)
}
