import cluster, { type Worker } from 'node:cluster'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Context, workerUrl } from '../../../core/index.ts'
import { createLender, type LendRequests } from '../access/leases.ts'
import { createTokenBuckets } from '../access/token-buckets.ts'
import type { MetricSnapshot } from '../metrics/metric-registry.ts'
import { createOperations } from '../operations/operations.ts'
import type { ModelSource, ModelStatus } from '../runtime/model-repository.ts'
import type { ServeOptions } from '../server/serve-models.ts'
import { createCountedProcesses } from './counted-processes.ts'
import { type ChangedProcess, createJointChanges } from './joint-changes.ts'
import { closeLostConnections } from './lost-connections.ts'
import { connectProcess } from './process-calls.ts'

/** What can be said to another process. Prediction logs, jobs and deployments have one writer, so there are none here. */
export type WorkerServeOptions = Omit<
  ServeOptions,
  'context' | 'models' | 'logDir' | 'jobs' | 'deployments' | 'siblings'
> & {
  readonly models?: readonly ModelSource[]
}

export interface ServeInWorkersOptions extends WorkerServeOptions {
  /** Processes, each with models, queues and cache of its own. */
  readonly workers: number
  readonly context: Context
}

export interface RunningWorkers {
  readonly url: string
  readonly port: number
  /** Absent where nothing is served over gRPC. */
  readonly grpcPort?: number
  /** As the first process loaded them. */
  statuses(): readonly ModelStatus[]
  /** Process numbers of those that live. */
  processIds(): readonly number[]
  /** Has every process read tokens and certificates now. */
  reload(): Promise<void>
  /** Takes no new requests, answers those in flight, and ends the processes. */
  close(): Promise<void>
}

/** What a process answers once it listens. */
export interface Started {
  readonly url: string
  readonly port: number
  readonly grpcPort?: number
  readonly statuses: readonly ModelStatus[]
}

interface ServingProcess extends ChangedProcess {
  readonly worker: Worker
  readonly exited: Promise<void>
  /** What is sent to a process that does not listen yet is lost. */
  readonly ready: Promise<void>
}

/** Restarts of a process that keeps dying wait, up to this long. */
const MAX_RESTART_MS = 30_000
/** A process that has not ended this long after it should is killed. */
const KILL_AFTER_MS = 35_000
/** A process that does not say in this time what it counts is taken to count what it said last. */
const LATE_MS = 5000

/**
 * Serves models in several processes over one port. A process that dies is started again with the versions that the others
 * hold, which serve on meanwhile. One set of such processes at a time.
 *
 * @throws what `serveModels` throws
 */
export async function serveInWorkers(options: ServeInWorkersOptions): Promise<RunningWorkers> {
  const { workers: count, context, price, ...served } = options
  /** Those that answer, and all that there are, those included that are only starting. */
  const living = new Set<ServingProcess>()
  const started = new Set<ServingProcess>()
  const counted = createCountedProcesses<ServingProcess>()
  let isClosing = false
  cluster.setupPrimary({ exec: fileURLToPath(workerUrl(import.meta.url, 'serving-worker')), args: [] })

  const lend = createLender(createTokenBuckets(context.clock), count)
  const { everywhere, join } = createJointChanges(living, context)
  const gather = async (): Promise<readonly (readonly MetricSnapshot[])[]> => {
    const asked = [...living].map(async (one) =>
      counted.saw(one, (await one.calls.call('metrics')) as MetricSnapshot[]),
    )
    await Promise.race([Promise.allSettled(asked), delay(LATE_MS, undefined, { ref: false })])
    return counted.all()
  }
  const { slo } = served
  const operations = await createOperations({ gather, context, ...(slo && { slo }), ...(price && { price }) })
  const start = async (): Promise<Started> => {
    const process = startProcess({
      metrics: async () => [...(await gather()), await operations.metrics()],
      operations: operations.report,
      load: (name: string) => everywhere('load', name),
      unload: (name: string, version: string | null) => everywhere('unload', name, version),
      warn: (message: string, fields: Record<string, unknown>) => context.log.warn(message, fields),
      lend: (...asked: Parameters<LendRequests>) => lend(...asked),
    })
    started.add(process)
    void process.exited.then(() => started.delete(process))
    const startMs = performance.now()
    await Promise.race([process.ready, process.exited])
    const listening = (await join(process, (held) => process.calls.call('serve', served, held)).catch(async (error) => {
      await endProcess(process)
      throw error
    })) as Started
    void process.exited.then(() => {
      living.delete(process)
      counted.ended(process)
      if (!isClosing) restart(performance.now() - startMs)
    })
    return listening
  }
  const restart = (livedMs: number, waitMs = livedMs < 1000 ? 500 : 0): void => {
    context.log.warn('a serving process has ended and is started again', { lived: `${Math.round(livedMs)} ms` })
    setTimeout(() => {
      if (isClosing) return
      start().catch(() => {
        if (!isClosing) restart(0, Math.min(MAX_RESTART_MS, 2 * Math.max(waitMs, 500)))
      })
    }, waitMs).unref()
  }
  const close = async (): Promise<void> => {
    isClosing = true
    await operations.close()
    await Promise.all([...started].map(endProcess))
  }

  const starting = await Promise.allSettled(Array.from({ length: count }, start))
  const failed = starting.find((result) => result.status === 'rejected')
  if (failed) {
    await close()
    throw failed.reason
  }
  const { url, port, grpcPort, statuses } = starting.flatMap(fulfilled)[0]!
  context.log.info('serving', { url, processes: count })
  return {
    url,
    port,
    ...(grpcPort === undefined ? {} : { grpcPort }),
    statuses: () => statuses,
    reload: () => everywhere('reload'),
    processIds: () => [...living].map(({ worker }) => worker.process.pid!),
    close,
  }
}

function startProcess(functions: Parameters<typeof connectProcess>[1]): ServingProcess {
  const worker = cluster.fork()
  closeLostConnections(worker)
  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve())
  })
  let sayReady = (): void => {}
  const ready = new Promise<void>((resolve) => {
    sayReady = resolve
  })
  const calls = connectProcess(worker, { ...functions, ready: () => sayReady() })
  return { worker, calls, exited, ready, isConnected: () => worker.isConnected() }
}

async function endProcess({ worker, calls, ready, exited }: ServingProcess): Promise<void> {
  const timer = setTimeout(() => worker.process.kill('SIGKILL'), KILL_AFTER_MS)
  await Promise.race([ready, exited])
  calls.call('end').catch(() => {})
  await exited
  clearTimeout(timer)
}

const fulfilled = <T>(result: PromiseSettledResult<T>): T[] => (result.status === 'fulfilled' ? [result.value] : [])
