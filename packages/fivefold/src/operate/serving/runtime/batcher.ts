import { FivefoldError } from '../../../core/index.ts'
import type { Servable, Tensors } from '../model/servable.ts'
import { rowCountOf, sliceTensors, stackTensors } from '../model/tensor-batches.ts'

export interface BatchingOptions {
  /** Most rows of a run; a larger request is run in pieces. Default 256. */
  readonly maxBatchRows?: number
  /** How long a request may wait for others to share its run. Default 0: those that arrive in the same tick. */
  readonly maxDelayMs?: number
  /** Rows that may wait; what comes beyond is refused. Default 20 000. */
  readonly maxWaitingRows?: number
  /** Runs of the model at a time. Default 2: one computes while the next one is put together. */
  readonly maxRuns?: number
}

/** Told of what a batcher does; times in milliseconds. */
export interface BatchObserver {
  /** A request, or a piece of one, left the queue. */
  queued(ms: number): void
  /** Requests were put together before a run, and taken apart after it. */
  batched(ms: number): void
  computed(ms: number, requests: number, rows: number): void
}

export interface BatchRequest {
  readonly feeds: Tensors
  /** Names of the outputs wanted; all of them by default. */
  readonly outputs?: readonly string[]
  /** Takes the request out of the queue. */
  readonly signal?: AbortSignal
  /** Until when there must be an answer. */
  readonly timeoutMs: number
  /** Stands back for other requests; under constant load it gets a run a second, so that it ends some time. */
  readonly isBackground?: boolean
}

export interface Batcher {
  /** @throws SERVER_OVERLOADED where too many rows wait already; CANCELLED; TIMEOUT; what the model throws */
  run(request: BatchRequest): Promise<Tensors>
  /** Resolves once nothing waits or runs. */
  drain(): Promise<void>
}

/** A request, or a piece of one, that has not been answered. */
interface Waiting {
  readonly feeds: Tensors
  readonly rows: number
  readonly outputs: readonly string[] | undefined
  /** Requests with the same key can share a run. */
  readonly key: string
  readonly sinceMs: number
  readonly resolve: (answer: Tensors) => void
  readonly reject: (reason: unknown) => void
}

interface Lane {
  readonly queue: Waiting[]
  rows: number
}

/** How long work in the background stands back for other requests. */
const BACKGROUND_PATIENCE_MS = 1000

type Model = Pick<Servable, 'run' | 'isBatched' | 'inputs'>

/**
 * Puts requests that arrive in the same tick, or while the model is busy, into one run: a run of 32 rows costs hardly
 * more than a run of one. Requests of other shapes beyond the first axis, or for other outputs, never mix.
 */
export function createBatcher(model: Model, options: BatchingOptions = {}, observer?: BatchObserver): Batcher {
  const { maxBatchRows = 256, maxDelayMs = 0, maxWaitingRows = 20_000, maxRuns = 2 } = options
  const live: Lane = { queue: [], rows: 0 }
  const background: Lane = { queue: [], rows: 0 }
  const idle: (() => void)[] = []
  const hasOpenShapes = model.inputs.some(({ shape }) => shape.slice(1).includes(-1))
  let runs = 0
  let backgroundMs = Number.NEGATIVE_INFINITY
  let isScheduled = false
  let isDelayed = false

  const laneOf = ({ isBackground = false }: BatchRequest): Lane => (isBackground ? background : live)
  const isEmpty = (): boolean => live.queue.length === 0 && background.queue.length === 0

  const nextLane = (): Lane | undefined => {
    const [first] = background.queue
    const stoodBackMs = first ? performance.now() - Math.max(first.sinceMs, backgroundMs) : 0
    if (first && (stoodBackMs > BACKGROUND_PATIENCE_MS || (live.queue.length === 0 && runs === 0))) return background
    return live.queue.length > 0 ? live : undefined
  }

  const schedule = (): void => {
    if (isScheduled || isEmpty() || runs >= maxRuns) return
    const [first] = live.queue
    const restMs = first && live.rows < maxBatchRows ? first.sinceMs + maxDelayMs - performance.now() : 0
    if (restMs > 0) {
      if (!isDelayed) setTimeout(wakeUp, Math.ceil(restMs))
      isDelayed = true
      return
    }
    isScheduled = true
    setImmediate(() => {
      isScheduled = false
      while (runs < maxRuns) {
        const lane = nextLane()
        if (!lane) return
        void start(takeBatch(lane), lane)
      }
    })
  }

  const wakeUp = (): void => {
    isDelayed = false
    schedule()
  }

  const takeBatch = (lane: Lane): Waiting[] => {
    const batch = model.isBatched ? takeAlike(lane.queue, maxBatchRows) : lane.queue.splice(0, 1)
    for (const { rows } of batch) lane.rows -= rows
    if (lane === background) backgroundMs = performance.now()
    return batch
  }

  const sayIdle = (): void => {
    if (runs === 0 && isEmpty()) for (const wake of idle.splice(0)) wake()
  }

  const start = async (batch: Waiting[], lane: Lane): Promise<void> => {
    runs++
    // How long work in the background stood back says nothing about the server.
    if (observer && lane === live) for (const { sinceMs } of batch) observer.queued(performance.now() - sinceMs)
    await runBatch(batch, model, observer)
    runs--
    schedule()
    sayIdle()
  }

  const leave = (waiting: Waiting, lane: Lane): void => {
    const at = lane.queue.indexOf(waiting)
    if (at < 0) return
    lane.queue.splice(at, 1)
    lane.rows -= waiting.rows
    sayIdle()
  }

  const enqueue = (feeds: Tensors, rows: number, key: string, request: BatchRequest): Promise<Tensors> =>
    new Promise((resolve, reject) => {
      const { outputs, signal, timeoutMs } = request
      const lane = laneOf(request)
      const giveUp = (error: FivefoldError): void => {
        leave(waiting, lane)
        settle(() => reject(error))
      }
      const onAbort = (): void => giveUp(new FivefoldError('CANCELLED', 'the request was given up'))
      const deadline = setTimeout(
        () => giveUp(new FivefoldError('TIMEOUT', `no answer within ${timeoutMs} ms`)),
        timeoutMs,
      )
      const settle = (end: () => void): void => {
        clearTimeout(deadline)
        signal?.removeEventListener('abort', onAbort)
        end()
      }
      const waiting: Waiting = {
        ...{ feeds, rows, outputs, key, sinceMs: performance.now() },
        resolve: (answer) => settle(() => resolve(answer)),
        reject: (reason) => settle(() => reject(reason)),
      }
      signal?.addEventListener('abort', onAbort)
      lane.queue.push(waiting)
      lane.rows += rows
      schedule()
    })

  return {
    run: (request) => {
      const { feeds, outputs, signal } = request
      if (signal?.aborted) return Promise.reject(new FivefoldError('CANCELLED', 'the request was given up'))
      const rows = model.isBatched ? rowCountOf(feeds) : 1
      // A request larger than the whole queue is let through when nothing else waits: limits on rows bound it.
      const before = laneOf(request).rows
      if (before > 0 && before + rows > maxWaitingRows)
        return Promise.reject(new FivefoldError('SERVER_OVERLOADED', `${before} rows are waiting already`))
      const key = keyOf(feeds, outputs, hasOpenShapes)
      if (rows <= maxBatchRows) return enqueue(feeds, rows, key, request)
      return runInPieces(feeds, rows, maxBatchRows, request, (piece, size, own) => enqueue(piece, size, key, own))
    },
    drain: () => (runs === 0 && isEmpty() ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  }
}

function keyOf(feeds: Tensors, outputs: readonly string[] | undefined, hasOpenShapes: boolean): string {
  const wanted = outputs ? outputs.join('\n') : ''
  if (!hasOpenShapes) return wanted
  return Object.keys(feeds).reduce((key, name) => `${key}|${feeds[name]!.shape.slice(1).join()}`, wanted)
}

/** Takes the first request and those after it that can share its run, in their order. */
function takeAlike(queue: Waiting[], maxRows: number): Waiting[] {
  const { key } = queue[0]!
  const batch: Waiting[] = []
  let rows = 0
  let kept = 0
  for (const waiting of queue) {
    // Once one does not fit, later ones must not overtake it.
    const fits = waiting.key === key && rows + waiting.rows <= maxRows
    if (waiting.key === key) rows += waiting.rows
    if (fits) batch.push(waiting)
    else queue[kept++] = waiting
  }
  queue.length = kept
  return batch
}

type EnqueuePiece = (piece: Tensors, rows: number, request: BatchRequest) => Promise<Tensors>

/** One run may hold fewer rows than a request does. Where a piece fails the others are given up. */
async function runInPieces(
  feeds: Tensors,
  rows: number,
  pieceRows: number,
  request: BatchRequest,
  enqueue: EnqueuePiece,
): Promise<Tensors> {
  const failed = new AbortController()
  const signal = request.signal ? AbortSignal.any([request.signal, failed.signal]) : failed.signal
  const starts = Array.from({ length: Math.ceil(rows / pieceRows) }, (_, i) => i * pieceRows)
  const pieces = starts.map((start) => {
    const end = Math.min(start + pieceRows, rows)
    return enqueue(sliceTensors(feeds, start, end), end - start, { ...request, signal })
  })
  try {
    return stackTensors(await Promise.all(pieces))
  } catch (error) {
    failed.abort()
    throw error
  }
}

async function runBatch(batch: readonly Waiting[], model: Model, observer?: BatchObserver): Promise<void> {
  try {
    await runTogether(batch, model, observer)
  } catch (error) {
    if (batch.length === 1) return batch[0]!.reject(error)
    // One bad request must not fail its neighbours: each gets a run of its own.
    for (const waiting of batch) await runBatch([waiting], model, observer)
  }
}

async function runTogether(batch: readonly Waiting[], model: Model, observer?: BatchObserver): Promise<void> {
  const { outputs } = batch[0]!
  const startMs = performance.now()
  const feeds = batch.length === 1 ? batch[0]!.feeds : stackTensors(batch.map((waiting) => waiting.feeds))
  const stackedMs = performance.now()
  const answer = await model.run(feeds, outputs ? { outputs } : undefined)
  const computedMs = performance.now()
  const rows = batch.reduce((sum, waiting) => sum + waiting.rows, 0)
  if (model.isBatched) checkRows(answer, rows)
  observer?.computed(computedMs - stackedMs, batch.length, rows)
  handOut(batch, answer)
  observer?.batched(stackedMs - startMs + performance.now() - computedMs)
}

/** A model that answers with another number of rows would have its answers handed to the wrong requests. */
function checkRows(answer: Tensors, rows: number): void {
  for (const name in answer)
    if (answer[name]!.shape[0] !== rows)
      throw new FivefoldError('INTERNAL', `the model answered ${answer[name]!.shape[0]} rows of '${name}' for ${rows}`)
}

function handOut(batch: readonly Waiting[], answer: Tensors): void {
  let row = 0
  for (const { rows, resolve } of batch) {
    resolve(batch.length === 1 ? answer : sliceTensors(answer, row, row + rows))
    row += rows
  }
}
