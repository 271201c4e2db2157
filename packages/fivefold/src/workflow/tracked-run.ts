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
      await sink.flush()
      await store.finishRun(id, 'finished')
      return result
    } catch (error) {
      await sink.flush()
      await store.finishRun(id, FivefoldError.from(error).code === 'CANCELLED' ? 'killed' : 'failed')
      throw error
    }
  } finally {
    await store.close()
  }
}
