import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, FivefoldError, type RunStatusAtEnd, systemClock } from '../core/index.ts'
import { pathOfUri } from './artifacts/artifact-path.ts'
import type { RecordedRun } from './recorded-run.ts'
import type { MetricPoint, RunBatch } from './runs/run.ts'
import type { TrackingStore } from './tracking-store.ts'

export interface BufferedRunSink extends RecordedRun {
  /** Writes what is buffered, of the runs inside this one as well, and waits. Throws the first error since the last call. */
  flush(): Promise<void>
}

export interface RunSinkOptions {
  readonly clock?: Clock
  /** Longest time that a value waits in memory. Default 500. */
  readonly delayMs?: number
}

export type RunSinkStore = Pick<
  TrackingStore,
  | 'createRun'
  | 'finishRun'
  | 'getRun'
  | 'logBatch'
  | 'logArtifact'
  | 'logInputs'
  | 'logOutputs'
  | 'createLoggedModel'
  | 'finalizeLoggedModel'
  | 'writeArtifact'
>

const FULL_BUFFER = 1000

/**
 * Logging that does not hold the work up: values are buffered and written in the background, many at once.
 * A store that cannot be reached keeps them in the buffer for the next attempt; the error comes out of `flush`.
 */
export function createRunSink(store: RunSinkStore, runId: string, options: RunSinkOptions = {}): BufferedRunSink {
  const { clock = systemClock, delayMs = 500 } = options
  const writer = createWriter()
  return { ...sinkOf({ store, writer, clock, delayMs }, () => runId), flush: () => writer.flush() }
}

interface SinkParts {
  readonly store: RunSinkStore
  readonly writer: Writer
  readonly clock: Clock
  readonly delayMs: number
}

/** `idOf` answers once the run is there: what uses it is queued behind its creation. */
function sinkOf(parts: SinkParts, idOf: () => string): RecordedRun {
  const { store, writer, clock } = parts
  const buffer = createBuffer(parts, idOf)
  const { pending, writeSoon, writeBuffered } = buffer
  /** After what was logged before, so that an end comes last. */
  const inOrder = (work: () => Promise<void>): void => {
    writer.enqueue(writeBuffered)
    writer.enqueue(work)
  }
  return {
    param(key, value) {
      const text = String(value)
      const earlier = pending().params[key]
      if (earlier !== undefined && earlier !== text)
        writer.fail(new FivefoldError('STORE_CONFLICT', `parameter '${key}' is '${earlier}' already, not '${text}'`))
      else pending().params[key] = text
      writeSoon()
    },
    metric(key, value, step = 0) {
      pending().metrics.push({ key, value, step, timestampMs: clock.nowMs() })
      writeSoon()
    },
    tag(key, value) {
      pending().tags[key] = value
      writeSoon()
    },
    artifact: (name, path) => writer.enqueue(() => store.logArtifact(idOf(), name, path)),
    dataset: (input) => writer.enqueue(() => store.logInputs(idOf(), [input])),
    model: (name, folder) => writer.enqueue(() => logModel(store, idOf(), name, folder)),
    child: (name, tags = {}) => beginChild(parts, idOf, name, tags),
    end(status: RunStatusAtEnd = 'finished') {
      const endedMs = clock.nowMs()
      inOrder(() => store.finishRun(idOf(), status, endedMs))
    },
  }
}

function beginChild(
  parts: SinkParts,
  parentId: () => string,
  name: string,
  tags: Readonly<Record<string, string>>,
): RecordedRun {
  const { store, writer, clock } = parts
  const startedMs = clock.nowMs()
  let id: string | undefined
  writer.enqueue(async () => {
    const { experimentId } = await store.getRun(parentId())
    id = await store.createRun({ experimentId, name, startedMs, tags: { ...tags, [PARENT_TAG]: parentId() } })
  })
  return sinkOf(parts, () => {
    if (id !== undefined) return id
    throw new FivefoldError('RUN_NOT_FOUND', `the run '${name}' could not be begun`)
  })
}

const PARENT_TAG = 'mlflow.parentRunId'

interface Writer {
  /** One write after the other, in the order of the calls. */
  enqueue(work: () => Promise<void>): void
  fail(error: unknown): void
  /** Called before each flush. */
  onFlush(prepare: () => void): void
  flush(): Promise<void>
}

function createWriter(): Writer {
  let writing: Promise<void> = Promise.resolve()
  let failure: FivefoldError | undefined
  const preparations: (() => void)[] = []
  const fail = (error: unknown): void => {
    failure ??= FivefoldError.from(error)
  }
  return {
    fail,
    enqueue(work) {
      writing = writing.then(work).catch(fail)
    },
    onFlush: (prepare) => void preparations.push(prepare),
    async flush() {
      for (const prepare of preparations) prepare()
      await writing
      const error = failure
      failure = undefined
      if (error) throw error
    },
  }
}

interface SinkBuffer {
  pending(): Buffer
  writeSoon(): void
  writeBuffered(): Promise<void>
}

function createBuffer({ store, writer, delayMs }: SinkParts, idOf: () => string): SinkBuffer {
  let pending = emptyBatch()
  let size = 0
  let timer: NodeJS.Timeout | undefined

  const writeBuffered = async (): Promise<void> => {
    if (size === 0) return
    const batch = pending
    const count = size
    pending = emptyBatch()
    size = 0
    try {
      await store.logBatch(idOf(), batch)
    } catch (error) {
      writer.fail(error)
      if (FivefoldError.from(error).category !== 'unavailable') return
      pending = merge(batch, pending)
      size += count
    }
  }
  writer.onFlush(() => {
    clearTimeout(timer)
    timer = undefined
    writer.enqueue(writeBuffered)
  })
  return {
    pending: () => pending,
    writeBuffered,
    writeSoon() {
      size++
      if (size % FULL_BUFFER === 0) writer.enqueue(writeBuffered)
      timer ??= setTimeout(() => {
        timer = undefined
        writer.enqueue(writeBuffered)
      }, delayMs).unref()
    },
  }
}

async function logModel(store: RunSinkStore, runId: string, name: string, folder: string): Promise<void> {
  const { experimentId } = await store.getRun(runId)
  const { id, artifactUri } = await store.createLoggedModel({ experimentId, name, sourceRunId: runId })
  const root = pathOfUri(artifactUri)
  if (root === undefined)
    throw new FivefoldError('STORAGE_DENIED', `models of run '${runId}' lie at ${artifactUri}, outside this store`)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const inside = path.slice(join(folder, '/').length).replaceAll('\\', '/')
    await store.writeArtifact(`${root}/${inside}`, createReadStream(path))
  }
  await store.finalizeLoggedModel(id, 'ready')
  await store.logOutputs(runId, [{ modelId: id, step: 0 }])
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
