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
}

export interface GarbageCollector {
  /**
   * Removes for good the runs and logged models that were deleted before a time, with their points and artifacts, and the
   * content that no artifact names any more. Versions of the registry stay, and their files with them.
   */
  collectGarbage(options?: { readonly deletedBeforeMs?: number }): Promise<GarbageReport>
}

/** Content this young may belong to an artifact that is just being written. */
const CONTENT_GRACE_MS = 60 * 60 * 1000

export function createGarbageCollector(database: Database, content: ContentStore, clock: Clock): GarbageCollector {
  return {
    async collectGarbage({ deletedBeforeMs = clock.nowMs() } = {}) {
      const { runs, loggedModels } = await database.write(async (writer) => ({
        loggedModels: await removeLoggedModels(writer, deletedBeforeMs),
        runs: await removeRuns(writer, deletedBeforeMs),
      }))
      return { runs, loggedModels, ...(await sweepContent(database, content, clock.nowMs() - CONTENT_GRACE_MS)) }
    },
  }
}

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

async function sweepContent(
  { read, dialect }: Database,
  content: ContentStore,
  untouchedSinceMs: number,
): Promise<Pick<GarbageReport, 'files' | 'bytes'>> {
  let files = 0
  let bytes = 0
  for await (const group of content.filesOlderThan(untouchedSinceMs)) {
    const hashes = group.map(({ sha256 }) => sha256)
    const rows = await read
      .selectFrom('artifact_files')
      .select('sha256')
      .distinct()
      .where(dialect.among(sql.ref('sha256'), hashes))
      .execute()
    const named = new Set(rows.map(({ sha256 }) => sha256))
    for (const { sha256, sizeBytes } of group) {
      if (named.has(sha256)) continue
      await content.removeFile(sha256)
      files++
      bytes += sizeBytes
    }
  }
  return { files, bytes }
}
