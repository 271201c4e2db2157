import { dirname, resolve } from 'node:path'
import { type Clock, systemClock } from '../core/index.ts'
import { createContentStore } from './content-store.ts'
import { openDatabase } from './database.ts'
import { createModelRegistry } from './model-registry.ts'
import { createRunRecords } from './run-records.ts'
import type { TrackingStore } from './tracking-store.ts'

/**
 * Opens the embedded store: an SQLite file, by convention `.fivefold/fivefold.db`, with artifacts and models in folders
 * beside it. Made where it does not exist. Throws STORE_UNAVAILABLE.
 */
export async function openTrackingStore(path: string, options: { clock?: Clock } = {}): Promise<TrackingStore> {
  const { clock = systemClock } = options
  const database = await openDatabase(path, clock.nowMs())
  const content = createContentStore(dirname(resolve(path)))
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= database.destroy()
    return closed
  }
  return {
    ...createRunRecords(database, content, clock),
    ...createModelRegistry(database, content, clock),
    close,
    [Symbol.asyncDispose]: close,
  }
}
