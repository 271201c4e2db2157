import type { Readable } from 'node:stream'
import { type Clock, FivefoldError } from '../../core/index.ts'
import type { Database } from '../database/database.ts'
import { inChunks } from '../database/in-chunks.ts'
import { requireRun } from '../runs/run-records.ts'
import { checkArtifactPath, pathOfUri } from './artifact-path.ts'
import type { ContentStore } from './content-store.ts'
import { belowFolder, filesOfTree } from './files-of-tree.ts'
import { createUploads, type UploadStore } from './uploads.ts'

export interface Artifact {
  /** Path inside the run, with forward slashes. */
  readonly name: string
  readonly sha256: string
  readonly sizeBytes: number
  /** Where the content lies, on disk or in S3; not to be written. */
  readonly path: string
}

export interface ArtifactEntry {
  readonly name: string
  readonly isFolder: boolean
  /** 0 for folders. */
  readonly sizeBytes: number
}

export interface OpenedArtifact {
  readonly sizeBytes: number
  /** A new stream over the content. */
  stream(): Readable
}

/** Files in a tree of paths such as `<experiment>/<run>/artifacts/model/MLmodel`; equal content is kept once. */
export interface ArtifactStore extends UploadStore {
  /** Copies a file, or every file of a folder, into the run under `name`. Throws RUN_NOT_FOUND, STORAGE_DENIED. */
  logArtifact(runId: string, name: string, path: string): Promise<void>
  /** All files of a run, by name. */
  listArtifacts(runId: string): Promise<Artifact[]>
  /** Puts a file in the place of what was there before, once all of it has arrived. Throws REQUEST_TOO_LARGE. */
  writeArtifact(path: string, source: AsyncIterable<Uint8Array>, maxBytes?: number): Promise<void>
  /** Throws ARTIFACT_NOT_FOUND. */
  openArtifact(path: string): Promise<OpenedArtifact>
  /** What lies directly in a folder, by name; '' is the root. */
  listArtifactFolder(path: string): Promise<ArtifactEntry[]>
  /** Removes a file, or all files of a folder. */
  deleteArtifact(path: string): Promise<void>
  /** Tries whether content can be written, read and removed. Throws STORAGE_DENIED, STORE_UNAVAILABLE, OPTION_INVALID. */
  checkArtifacts(): Promise<void>
}

/** Models of the registry lie in folders of their own, which show in the tree under this name and their hash. */
export const REGISTRY_ROOT = 'registry'

export function createArtifacts(database: Database, content: ContentStore, clock: Clock): ArtifactStore {
  const { read } = database
  const place = (files: readonly { path: string; sha256: string; sizeBytes: number }[]): Promise<void> =>
    database.write((writer) =>
      inChunks(files, async (chunk) => {
        const created_ms = clock.nowMs()
        await writer
          .insertInto('artifact_files')
          .values(chunk.map(({ path, sha256, sizeBytes }) => ({ path, sha256, size_bytes: sizeBytes, created_ms })))
          .onConflict((conflict) =>
            conflict.column('path').doUpdateSet((e) => ({
              sha256: e.ref('excluded.sha256'),
              size_bytes: e.ref('excluded.size_bytes'),
              created_ms: e.ref('excluded.created_ms'),
            })),
          )
          .execute()
      }),
    )
  const writeArtifact: ArtifactStore['writeArtifact'] = async (path, source, maxBytes) => {
    refuseRegistry(checkArtifactPath(path))
    await place([{ path, ...(await content.addStream(source, maxBytes)) }])
  }

  return {
    ...createUploads(content.uploads, writeArtifact),
    writeArtifact,
    checkArtifacts: () => content.probe(),
    async logArtifact(runId, name, path) {
      checkArtifactPath(name)
      const folder = await runFolder(database, runId)
      const files = await content.addFiles(path)
      await place(files.map((file) => ({ ...file, path: `${folder}/${file.name ? `${name}/${file.name}` : name}` })))
    },
    async listArtifacts(runId) {
      const folder = await runFolder(database, runId)
      const files = await filesOfTree(database, folder)
      return files.map((file) => ({ ...file, path: content.placeOfFile(file.sha256) }))
    },
    async openArtifact(path) {
      const inRegistry = registryPath(checkArtifactPath(path))
      if (inRegistry) return openRegistryFile(content, inRegistry, path)
      const file = await read.selectFrom('artifact_files').selectAll().where('path', '=', path).executeTakeFirst()
      if (!file) throw notFound(path)
      const { sha256, size_bytes: sizeBytes } = file
      return { sizeBytes, stream: () => content.openFile({ sha256, sizeBytes }) }
    },
    async listArtifactFolder(path) {
      if (path !== '') checkArtifactPath(path)
      const inRegistry = registryPath(path)
      if (inRegistry)
        return entriesOf(
          inRegistry.name === '' ? '' : `${inRegistry.name}/`,
          await content.filesOfFolder(inRegistry.hash),
        )
      return entriesOf('', await filesOfTree(database, path))
    },
    async deleteArtifact(path) {
      refuseRegistry(checkArtifactPath(path))
      await database.write((writer) =>
        writer
          .deleteFrom('artifact_files')
          .where((e) => e.or([e('path', '=', path), belowFolder(path)]))
          .execute(),
      )
    },
  }
}

async function runFolder({ read }: Database, runId: string): Promise<string> {
  const run = await requireRun(read, runId)
  const folder = pathOfUri(run.artifact_uri)
  if (folder !== undefined) return folder
  throw new FivefoldError(
    'STORAGE_DENIED',
    `artifacts of run '${runId}' lie at ${run.artifact_uri}, outside this store`,
  )
}

function entriesOf(prefix: string, files: readonly { name: string; sizeBytes: number }[]): ArtifactEntry[] {
  const entries = new Map<string, ArtifactEntry>()
  for (const { name: path, sizeBytes } of files) {
    if (!path.startsWith(prefix)) continue
    const rest = path.slice(prefix.length)
    const slash = rest.indexOf('/')
    const name = slash < 0 ? rest : rest.slice(0, slash)
    entries.set(name, { name, isFolder: slash >= 0, sizeBytes: slash < 0 ? sizeBytes : 0 })
  }
  return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function registryPath(path: string): { hash: string; name: string } | undefined {
  const match = /^registry\/([0-9a-f]{64})(?:\/(.+))?$/.exec(path)
  return match ? { hash: match[1]!, name: match[2] ?? '' } : undefined
}

async function openRegistryFile(
  content: ContentStore,
  { hash, name }: { hash: string; name: string },
  path: string,
): Promise<OpenedArtifact> {
  const file = (await content.filesOfFolder(hash)).find((one) => one.name === name)
  if (!file) throw notFound(path)
  return { sizeBytes: file.sizeBytes, stream: () => content.openFolderFile(hash, file) }
}

function refuseRegistry(path: string): void {
  if (path === REGISTRY_ROOT || path.startsWith(`${REGISTRY_ROOT}/`))
    throw new FivefoldError('OPTION_INVALID', `Invalid path: '${path}' is kept for models of the registry`)
}

const notFound = (path: string): FivefoldError =>
  new FivefoldError('ARTIFACT_NOT_FOUND', `there is no artifact at '${path}'`)
