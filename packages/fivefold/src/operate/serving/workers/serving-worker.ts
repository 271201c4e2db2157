import { createContext, silentLogger } from '../../../core/index.ts'
import type { Grant } from '../access/token-buckets.ts'
import type { MetricSnapshot } from '../metrics/metric-registry.ts'
import type { OperationsSource } from '../operations/operations-routes.ts'
import type { ModelStatus } from '../runtime/model-repository.ts'
import { type RunningServer, serveModels } from '../server/serve-models.ts'
import { connectProcess } from './process-calls.ts'
import type { Started, WorkerServeOptions } from './serve-in-workers.ts'

/** A process of `serveInWorkers`: it serves what its parent says, and ends when its parent does. */
let server: RunningServer | undefined

/** The parent knows where warnings go. */
const warn = (message: string, fields: Record<string, unknown> = {}): void =>
  void parent.call('warn', message, fields).catch(() => {})

const end = async (): Promise<void> => {
  await server?.close()
  process.exit()
}

const parent = connectProcess(process, {
  async serve(options: WorkerServeOptions, held: readonly ModelStatus[] | null): Promise<Started> {
    server = await serveModels({
      ...options,
      context: createContext({ log: { ...silentLogger, warn } }),
      siblings: {
        ...(held ? { held } : {}),
        metrics: () => parent.call('metrics') as Promise<MetricSnapshot[][]>,
        operations: { report: (span) => parent.call('operations', span) as ReturnType<OperationsSource['report']> },
        load: (name) => parent.call('load', name) as Promise<void>,
        unload: (name, version) => parent.call('unload', name, version) as Promise<void>,
        lend: (key, limit, wanted) => parent.call('lend', key, limit, wanted) as Promise<Grant>,
      },
    })
    const { url, port, grpcPort } = server
    return { url, port, statuses: server.statuses(), ...(grpcPort === undefined ? {} : { grpcPort }) }
  },
  statuses: () => server?.statuses() ?? [],
  metrics: () => server?.metrics.snapshot() ?? [],
  load: (name: string) => server?.management?.load(name),
  reload: () => server?.reload(),
  // JSON makes null of what is undefined.
  unload: (name: string, version: string | null) => server?.management?.unload(name, version ?? undefined),
  end: () => void setImmediate(() => void end()),
})

// Ctrl-C reaches every process of a terminal; the parent decides when each of them ends.
process.on('SIGINT', () => {}).on('SIGTERM', () => {})
process.once('disconnect', () => void end())
void parent.call('ready')
