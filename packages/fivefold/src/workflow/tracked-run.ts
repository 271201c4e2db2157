import { join } from 'node:path'
import { type Context, FivefoldError } from '../core/index.ts'
import { type BufferedRunSink, createRunSink, openTrackingStore, type TrackingStore } from '../track/index.ts'
import type { ResolvedConfig } from './config.ts'
import type { ProjectData } from './open-data.ts'
import type { RunPaths } from './run-paths.ts'
import { canonicalJson } from './stage-cache.ts'

export interface TrackedRun {
  readonly id: string
  readonly store: TrackingStore
  readonly sink: BufferedRunSink
}

/** Opens a run in the tracking store, records what went into it, and closes it as finished, failed or killed. */
export async function withTrackedRun<T>(
  config: ResolvedConfig,
  paths: RunPaths,
  data: ProjectData,
  context: Context,
  work: (run: TrackedRun) => Promise<T>,
): Promise<T> {
  const store = await openTrackingStore(join(paths.store, 'fivefold.db'))
  try {
    const id = await store.createRun({ experiment: config.name, startedMs: context.clock.nowMs() })
    const sink = createRunSink(store, id)
    sink.param('config', canonicalJson(config))
    sink.param('seed', context.seed)
    sink.tag('fivefold.dataHash', data.hash)
    try {
      const result = await work({ id, store, sink })
      await closeRun(store, sink, id, 'finished')
      return result
    } catch (error) {
      const status = FivefoldError.from(error).code === 'CANCELLED' ? 'killed' : 'failed'
      // Where the store fails as well, as on a full disk, the first error is the one to report.
      await closeRun(store, sink, id, status).catch((second: unknown) =>
        context.log.warn(`the run could not be recorded as ${status}: ${FivefoldError.from(second).message}`),
      )
      throw error
    }
  } finally {
    await store.close()
  }
}

async function closeRun(
  store: TrackingStore,
  sink: BufferedRunSink,
  id: string,
  status: 'finished' | 'failed' | 'killed',
): Promise<void> {
  await sink.flush()
  await store.finishRun(id, status)
}
