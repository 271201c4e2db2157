import { dirname, join, resolve } from 'node:path'
import { type Clock, FivefoldError, systemClock } from '../core/index.ts'
import { createAccessTokens } from './access/access-tokens.ts'
import { settlePlace } from './artifacts/artifact-place.ts'
import { createArtifacts } from './artifacts/artifact-store.ts'
import type { ContentStore } from './artifacts/content-store.ts'
import { createDiskContent } from './artifacts/disk/disk-content.ts'
import { createS3Content } from './artifacts/s3/s3-content.ts'
import { isS3Url, parseS3Url } from './artifacts/s3/s3-location.ts'
import { type Database, isPostgresUrl, openDatabase } from './database/database.ts'
import { createExperiments } from './experiments/experiments.ts'
import { createGarbageCollector } from './garbage/collect-garbage.ts'
import { createLoggedModels } from './logged-models/logged-models.ts'
import { createModelRegistry } from './registry/model-registry.ts'
import { createIngest } from './runs/ingest.ts'
import { createLineage } from './runs/lineage.ts'
import { createMetricHistory } from './runs/metric-history.ts'
import { createRunRecords } from './runs/run-records.ts'
import { createTraces } from './traces/traces.ts'
import type { TrackingStore } from './tracking-store.ts'

export interface TrackingStoreOptions {
  readonly clock?: Clock
  /**
   * Where artifacts and models lie: a folder, or `s3://bucket/prefix?endpoint=http://host:9000&region=name`, which the store
   * remembers. Default: where it remembers, else `folder`.
   */
  readonly artifacts?: string
  /** Says that everything was copied to `artifacts`, where that is another place than before. */
  readonly artifactsMoved?: boolean
  /** The store's own folder, also for models that are fetched from S3. Beside the SQLite file by default; PostgreSQL needs one. */
  readonly folder?: string
}

/**
 * Opens a store: an SQLite file, by convention `.fivefold/fivefold.db`, or `postgres://...`, whose tables lie in the schema
 * `fivefold` (another one: `?schema=name`). Made where it does not exist; an older one is brought to the present form.
 * Throws STORE_UNAVAILABLE, STORE_CONFLICT, OPTION_INVALID. Storage in S3 is not asked before it is needed: see `checkArtifacts`.
 */
export async function openTrackingStore(location: string, options: TrackingStoreOptions = {}): Promise<TrackingStore> {
  const { clock = systemClock } = options
  const database = await openDatabase(location, clock.nowMs())
  const content = await openContent(database, location, options)
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= content.close().finally(() => database.close())
    return closed
  }
  return {
    ...createExperiments(database, clock),
    ...createRunRecords(database, clock),
    ...createIngest(database),
    ...createLineage(database),
    ...createMetricHistory(database),
    ...createArtifacts(database, content, clock),
    ...createLoggedModels(database, clock),
    ...createModelRegistry(database, content, clock),
    ...createTraces(database),
    ...createAccessTokens(database, clock),
    ...createGarbageCollector(database, content, clock),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Closes the database where there is no place for content. */
async function openContent(database: Database, location: string, options: TrackingStoreOptions): Promise<ContentStore> {
  try {
    const place = await settlePlace(database, options.artifacts, options.artifactsMoved ?? false)
    const folderOf = (): string => resolve(options.folder ?? folderBeside(location))
    if (place === undefined) return createDiskContent(folderOf())
    if (!isS3Url(place)) return createDiskContent(resolve(place))
    return createS3Content(parseS3Url(place), { cache: join(folderOf(), 'models-from-s3') })
  } catch (error) {
    await database.close()
    throw error
  }
}

function folderBeside(location: string): string {
  if (!isPostgresUrl(location)) return dirname(resolve(location))
  throw new FivefoldError('OPTION_INVALID', 'a PostgreSQL store needs a folder for its artifacts and models')
}
