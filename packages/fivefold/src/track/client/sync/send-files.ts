import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FivefoldError } from '../../../core/index.ts'
import { pathOfUri } from '../../artifacts/artifact-path.ts'
import type { QueuedFile } from '../journal/journal-entry.ts'
import type { HttpWire } from '../wire/http-wire.ts'

export interface FilesToSend {
  /** Folder of the copies. */
  readonly copies: string
  readonly files: readonly QueuedFile[]
}

/** Throws OPTION_INVALID where the artifacts lie outside the server, ARTIFACT_NOT_FOUND where a file is gone. */
export async function sendFiles(
  wire: HttpWire,
  artifactUri: string,
  name: string,
  { copies, files }: FilesToSend,
): Promise<void> {
  const folder = pathOfUri(artifactUri)
  if (folder === undefined)
    throw new FivefoldError('OPTION_INVALID', `artifacts at ${artifactUri} do not go through the tracking server`, {
      remedy: 'Start the server with --serve-artifacts, or log into an experiment whose artifacts it keeps.',
    })
  for (const file of files) {
    const path = file.copy === undefined ? file.original : join(copies, file.copy)
    const found = await stat(path).catch(() => undefined)
    if (found?.size !== file.sizeBytes)
      throw new FivefoldError('ARTIFACT_NOT_FOUND', `${file.original} is gone or changed before it could be sent`)
    await wire.upload([folder, name, file.name].filter((part) => part !== '').join('/'), path, file.sizeBytes)
  }
}
