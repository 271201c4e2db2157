import { dirname, resolve } from 'node:path'
import { type Clock, FivefoldError, systemClock } from '../core/index.ts'
import { createAccessTokens } from './access/access-tokens.ts'
import { createArtifacts } from './artifacts/artifact-store.ts'
import { createContentStore } from './artifacts/content-store.ts'
import { isPostgresUrl, openDatabase } from './database/database.ts'
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
  /** Folder of artifacts and models. Beside the SQLite file by default; PostgreSQL needs one. */
  readonly artifacts?: string
}

/**
 * Opens a store: an SQLite file, by convention `.fivefold/fivefold.db`, or `postgres://...`, whose tables lie in the schema
 * `fivefold` (another one: `?schema=name`). Made where it does not exist; an older one is brought to the present form.
 * Throws STORE_UNAVAILABLE, OPTION_INVALID.
 */
export async function openTrackingStore(location: string, options: TrackingStoreOptions = {}): Promise<TrackingStore> {
  const { clock = systemClock } = options
  const root = options.artifacts ?? folderBeside(location)
  const database = await openDatabase(location, clock.nowMs())
  const content = createContentStore(resolve(root))
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= database.close()
    return closed
  }
  return {
    ...createExperiments(database, clock),
    ...createRunRecords(database, clock),
    ...createIngest(database),
    ...createLineage(database),
    ...createMetricHistory(database),
    ...createArtifacts(database, content, resolve(root), clock),
    ...createLoggedModels(database, clock),
    ...createModelRegistry(database, content, clock),
    ...createTraces(database),
    ...createAccessTokens(database, clock),
    ...createGarbageCollector(database, content, clock),
    close,
    [Symbol.asyncDispose]: close,
  }
}

function folderBeside(location: string): string {
  if (!isPostgresUrl(location)) return dirname(resolve(location))
  throw new FivefoldError('OPTION_INVALID', 'a PostgreSQL store needs a folder for its artifacts')
}
