import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Context, FivefoldError, type RunStatusAtEnd } from '../core/index.ts'
import {
  createRunSink,
  createTrackingClient,
  openTrackingStore,
  type RecordedRun,
  type Registration,
  sampleSystemMetrics,
  type TrackingStore,
} from '../track/index.ts'
import type { ResolvedConfig } from './config.ts'
import type { ProjectData } from './open-data.ts'
import type { RunPaths } from './run-paths.ts'
import { recordProvenance } from './run-provenance.ts'

/** A tracking server that runs go to, in place of the project's own store. */
export interface TrackingTarget {
  readonly url: string
  readonly token?: string
}

export interface TrackedRun {
  /** Of the run in the store; absent where it goes to a server. */
  readonly id?: string
  /** Always the project's own, with the registry that `serve` and `predict` look into. */
  readonly store: TrackingStore
  readonly sink: RecordedRun
  /** Logs the bundle as a model; where the run goes to a server, that server registers it too. */
  model(folder: string, registration: Registration): void
}

/** A run that is open, and how it is closed. */
interface OpenRun extends Pick<TrackedRun, 'id' | 'sink' | 'model'> {
  close(status: RunStatusAtEnd): Promise<void>
}

/** Opens a run, records what went into it, and closes it as finished, failed or killed. */
export async function withTrackedRun<T>(
  {
    config,
    paths,
    data,
    server,
  }: {
    readonly config: ResolvedConfig
    readonly paths: RunPaths
    readonly data: ProjectData
    readonly server: TrackingTarget | undefined
  },
  context: Context,
  work: (run: TrackedRun) => Promise<T>,
): Promise<T> {
  const { artifacts } = config.tracking
  const store = await openTrackingStore(join(paths.store, 'fivefold.db'), {
    ...(artifacts !== undefined && { artifacts }),
  })
  const scratch = await mkdtemp(join(tmpdir(), 'fivefold-run-'))
  try {
    await store.checkArtifacts()
    const run = server ? openRemoteRun(server, config, paths, context) : await openLocalRun(store, config, context)
    const stopSampling = config.tracking.systemMetrics ? sampleSystemMetrics(run.sink) : async () => undefined
    try {
      await recordProvenance(run.sink, { config, folder: paths.folder, data, seed: context.seed, scratch })
      const result = await work({ ...run, store })
      await stopSampling()
      await run.close('finished')
      return result
    } catch (error) {
      const status = FivefoldError.from(error).code === 'CANCELLED' ? 'killed' : 'failed'
      await stopSampling()
      // Where the store fails as well, as on a full disk, the first error is the one to report.
      await run
        .close(status)
        .catch((second: unknown) =>
          context.log.warn(`the run could not be recorded as ${status}: ${FivefoldError.from(second).message}`),
        )
      throw error
    }
  } finally {
    await store.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

async function openLocalRun(store: TrackingStore, config: ResolvedConfig, context: Context): Promise<OpenRun> {
  const id = await store.createRun({ experiment: config.name, startedMs: context.clock.nowMs() })
  const sink = createRunSink(store, id)
  return {
    id,
    sink,
    model: (folder) => sink.model('model', folder),
    async close(status) {
      await sink.flush()
      await store.finishRun(id, status)
    },
  }
}

const SEND_MS = 30_000

/** A server that is out of reach does not fail the work: what it missed is sent by the next run of the project. */
function openRemoteRun(server: TrackingTarget, config: ResolvedConfig, paths: RunPaths, context: Context): OpenRun {
  const client = createTrackingClient({ ...server, journal: join(paths.store, 'journal'), log: context.log })
  const sink = client.startRun({ experiment: config.name, startedMs: context.clock.nowMs() })
  return {
    sink,
    model: (folder, register) => sink.model('model', folder, { register }),
    async close(status) {
      sink.end(status)
      await client.close({ timeoutMs: SEND_MS }).catch((thrown: unknown) => {
        const { message } = FivefoldError.from(thrown)
        context.log.warn(`not all of the run has reached ${new URL(server.url).origin}: ${message}`)
      })
    },
  }
}
