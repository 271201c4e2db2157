import { type Clock, FivefoldError, type RunSink, systemClock } from '../core/index.ts'
import type { MetricPoint, RunBatch, TrackingStore } from './tracking-store.ts'

export interface BufferedRunSink extends RunSink {
  /** Writes what is buffered and waits. Throws the first error since the last call. */
  flush(): Promise<void>
}

export interface RunSinkOptions {
  readonly clock?: Clock
  /** Longest time that a value waits in memory. Default 500. */
  readonly delayMs?: number
}

const FULL_BUFFER = 1000

/**
 * Logging that does not hold the work up: values are buffered and written in the background, many at once.
 * A store that cannot be reached keeps them in the buffer for the next attempt; the error comes out of `flush`.
 */
export function createRunSink(
  store: Pick<TrackingStore, 'logBatch' | 'logArtifact'>,
  runId: string,
  options: RunSinkOptions = {},
): BufferedRunSink {
  const { clock = systemClock, delayMs = 500 } = options
  let pending = emptyBatch()
  let size = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  let failure: FivefoldError | undefined

  const writeBuffered = async (): Promise<void> => {
    if (size === 0) return
    const batch = pending
    const count = size
    pending = emptyBatch()
    size = 0
    try {
      await store.logBatch(runId, batch)
    } catch (error) {
      failure ??= FivefoldError.from(error)
      if (FivefoldError.from(error).category !== 'unavailable') return
      pending = merge(batch, pending)
      size += count
    }
  }
  /** One write after the other, in the order of the calls. */
  const enqueue = (work: () => Promise<void>): void => {
    writing = writing.then(work).catch((error) => {
      failure ??= FivefoldError.from(error)
    })
  }
  const writeSoon = (): void => {
    size++
    if (size % FULL_BUFFER === 0) enqueue(writeBuffered)
    timer ??= setTimeout(() => {
      timer = undefined
      enqueue(writeBuffered)
    }, delayMs).unref()
  }

  return {
    param(key, value) {
      const text = String(value)
      const earlier = pending.params[key]
      if (earlier !== undefined && earlier !== text)
        failure ??= new FivefoldError('STORE_CONFLICT', `parameter '${key}' is '${earlier}' already, not '${text}'`)
      else pending.params[key] = text
      writeSoon()
    },
    metric(key, value, step = 0) {
      pending.metrics.push({ key, value, step, timestampMs: clock.nowMs() })
      writeSoon()
    },
    tag(key, value) {
      pending.tags[key] = value
      writeSoon()
    },
    artifact: (name, path) => enqueue(() => store.logArtifact(runId, name, path)),
    async flush() {
      clearTimeout(timer)
      timer = undefined
      enqueue(writeBuffered)
      await writing
      const error = failure
      failure = undefined
      if (error) throw error
    },
  }
}

type Buffer = Required<{ -readonly [K in keyof RunBatch]: RunBatch[K] }> & {
  params: Record<string, string>
  tags: Record<string, string>
  metrics: MetricPoint[]
}

const emptyBatch = (): Buffer => ({ params: {}, tags: {}, metrics: [] })

const merge = (earlier: Buffer, later: Buffer): Buffer => ({
  params: { ...later.params, ...earlier.params },
  tags: { ...earlier.tags, ...later.tags },
  metrics: [...earlier.metrics, ...later.metrics],
})
