import { sql } from 'kysely'
import type { Clock } from '../../core/index.ts'
import { pathOfUri } from '../artifacts/artifact-path.ts'
import type { ContentStore } from '../artifacts/content-store.ts'
import { belowFolder } from '../artifacts/files-of-tree.ts'
import type { Database } from '../database/database.ts'
import type { Writer } from '../database/tables.ts'

export interface GarbageReport {
  readonly runs: number
  readonly loggedModels: number
  /** Files that no artifact named any more; content of the last hour is left for the next time. */
  readonly files: number
  readonly bytes: number
  /** Uploads that were begun and given up; those of the last day are left for the next time. */
  readonly uploads: number
}

export interface GarbageOptions {
  /** Default: now. What was deleted later can still be restored. */
  readonly deletedBeforeMs?: number
  /** Only says what would go. */
  readonly dryRun?: boolean
}

export interface GarbageCollector {
  /**
   * Removes for good the runs and logged models that were deleted before a time, with their points and artifacts, and the
   * content that no artifact names any more, and what remains of uploads that never ended. Versions of the registry stay, and their files with them.
   */
  collectGarbage(options?: GarbageOptions): Promise<GarbageReport>
}

/** Content this young may belong to an artifact that is just being written. */
const CONTENT_GRACE_MS = 60 * 60 * 1000
/** Uploads over slow lines take hours. */
const UPLOAD_GRACE_MS = 24 * 60 * 60 * 1000

export function createGarbageCollector(database: Database, content: ContentStore, clock: Clock): GarbageCollector {
  return {
    async collectGarbage({ deletedBeforeMs = clock.nowMs(), dryRun = false } = {}) {
      const untouchedSinceMs = clock.nowMs() - CONTENT_GRACE_MS
      const uploads = await content.sweepLeftovers(clock.nowMs() - UPLOAD_GRACE_MS, dryRun)
      if (dryRun) {
        const { named, ...removed } = await tryOut(database, async (writer) => ({
          ...(await removeDeleted(writer, deletedBeforeMs)),
          named: await allNamed(writer),
        }))
        const isNamed = async (hashes: readonly string[]): Promise<Set<string>> =>
          new Set(hashes.filter((hash) => named.has(hash)))
        return { ...removed, ...(await sweepContent(content, untouchedSinceMs, isNamed, async () => {})), uploads }
      }
      const removed = await database.write((writer) => removeDeleted(writer, deletedBeforeMs))
      const isNamed = (hashes: readonly string[]): Promise<Set<string>> => namedAmong(database, hashes)
      const remove = (hashes: readonly string[]): Promise<void> => content.removeFiles(hashes)
      return { ...removed, ...(await sweepContent(content, untouchedSinceMs, isNamed, remove)), uploads }
    },
  }
}

/** What a transaction finds that is then undone. */
async function tryOut<T>(database: Database, work: (writer: Writer) => Promise<T>): Promise<T> {
  let found: { readonly result: T } | undefined
  await database
    .write(async (writer) => {
      found = { result: await work(writer) }
      throw new Error('undone')
    })
    .catch((error: unknown) => {
      if (!found) throw error
    })
  return found!.result
}

const removeDeleted = async (
  writer: Writer,
  deletedBeforeMs: number,
): Promise<Pick<GarbageReport, 'runs' | 'loggedModels'>> => ({
  loggedModels: await removeLoggedModels(writer, deletedBeforeMs),
  runs: await removeRuns(writer, deletedBeforeMs),
})

async function removeRuns(writer: Writer, deletedBeforeMs: number): Promise<number> {
  const doomed = await writer
    .selectFrom('runs')
    .select(['id', 'artifact_uri'])
    .where('lifecycle', '=', 'deleted')
    .where('deleted_ms', '<=', deletedBeforeMs)
    .execute()
  for (const { id, artifact_uri } of doomed) {
    await sql`delete from metric_points where series in (select series from latest_metrics where run_id = ${id})`.execute(
      writer,
    )
    for (const table of ['latest_metrics', 'params', 'tags', 'run_datasets', 'run_models'] as const)
      await writer.deleteFrom(table).where('run_id', '=', id).execute()
    await writer.updateTable('model_versions').set({ run_id: null }).where('run_id', '=', id).execute()
    await writer.deleteFrom('runs').where('id', '=', id).execute()
    await removeFiles(writer, artifact_uri)
  }
  return doomed.length
}

async function removeLoggedModels(writer: Writer, deletedBeforeMs: number): Promise<number> {
  const doomed = await writer
    .selectFrom('logged_models')
    .select(['id', 'artifact_uri'])
    .where('lifecycle', '=', 'deleted')
    .where('updated_ms', '<=', deletedBeforeMs)
    .where('id', 'not in', (e) => e.selectFrom('model_versions').select('model_id').where('model_id', 'is not', null))
    .execute()
  for (const { id, artifact_uri } of doomed) {
    for (const table of ['logged_model_params', 'logged_model_tags', 'model_metrics'] as const)
      await writer.deleteFrom(table).where('model_id', '=', id).execute()
    await writer.deleteFrom('logged_models').where('id', '=', id).execute()
    await removeFiles(writer, artifact_uri)
  }
  return doomed.length
}

/** Versions that were registered straight from a run's folder keep what lies below their own. */
async function removeFiles(writer: Writer, artifactUri: string): Promise<void> {
  const folder = pathOfUri(artifactUri)
  if (folder === undefined) return
  const versions = await writer.selectFrom('model_versions').select(['source', 'storage_uri']).execute()
  const kept = versions.flatMap(({ source, storage_uri }) => pathOfUri(storage_uri ?? source) ?? [])
  let query = writer.deleteFrom('artifact_files').where(belowFolder(folder))
  for (const path of kept.filter((one) => `${one}/`.startsWith(`${folder}/`)))
    query = query.where(sql<boolean>`not (${belowFolder(path)})`)
  await query.execute()
}

async function allNamed(writer: Writer): Promise<Set<string>> {
  const rows = await writer.selectFrom('artifact_files').select('sha256').distinct().execute()
  return new Set(rows.map(({ sha256 }) => sha256))
}

async function namedAmong({ read, dialect }: Database, hashes: readonly string[]): Promise<Set<string>> {
  const rows = await read
    .selectFrom('artifact_files')
    .select('sha256')
    .distinct()
    .where(dialect.among(sql.ref('sha256'), hashes))
    .execute()
  return new Set(rows.map(({ sha256 }) => sha256))
}

async function sweepContent(
  content: ContentStore,
  untouchedSinceMs: number,
  findNamed: (hashes: readonly string[]) => Promise<Set<string>>,
  remove: (hashes: readonly string[]) => Promise<void>,
): Promise<Pick<GarbageReport, 'files' | 'bytes'>> {
  let files = 0
  let bytes = 0
  for await (const group of content.filesOlderThan(untouchedSinceMs)) {
    if (group.length === 0) continue
    const named = await findNamed(group.map(({ sha256 }) => sha256))
    const unnamed = group.filter(({ sha256 }) => !named.has(sha256))
    await remove(unnamed.map(({ sha256 }) => sha256))
    files += unnamed.length
    bytes += unnamed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  }
  return { files, bytes }
}
