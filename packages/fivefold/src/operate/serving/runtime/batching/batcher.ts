import { FivefoldError } from '../../../../core/index.ts'
import type { Servable, Tensors } from '../../model/servable.ts'
import { rowCountOf } from '../../model/tensor-batches.ts'
import type { RequestRecord } from '../../requests/request-record.ts'
import type { BatchQueue } from './batch-queue.ts'
import { createLanes } from './lanes.ts'
import { type BatchObserver, runBatch } from './run-batch.ts'
import { runInPieces } from './run-in-pieces.ts'
import { createRunPacer, type RunPacer } from './run-pacer.ts'
import { givenUp, type WaitingLine, waitForAnswer } from './waiting-request.ts'

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
  /** Takes what its parts took, where somebody reads that. */
  readonly record?: RequestRecord
}

export interface Batcher {
  /** @throws SERVER_OVERLOADED where too many rows wait already; CANCELLED; TIMEOUT; what the model throws */
  run(request: BatchRequest): Promise<Tensors>
  /** How many rows of requests wait now; work in the background is not among them. */
  waitingRows(): number
  /** Resolves once nothing waits or runs. */
  drain(): Promise<void>
}

type Model = Pick<Servable, 'run' | 'isBatched' | 'inputs'>

/**
 * Puts requests that arrive in the same tick, or while the model is busy, into one run: a run of 32 rows costs hardly
 * more than a run of one. Requests of other shapes beyond the first axis, or for other outputs, never mix.
 */
export function createBatcher(model: Model, options: BatchingOptions = {}, observer?: BatchObserver): Batcher {
  const { maxBatchRows = 256, maxDelayMs = 0, maxWaitingRows = 20_000, maxRuns = 2 } = options
  const hasOpenShapes = model.inputs.some(({ shape }) => shape.slice(1).includes(-1))
  const lanes = createLanes(model.isBatched ? maxBatchRows : undefined)
  const pacer = createRunPacer({
    maxRuns,
    dueInMs: () => {
      const sinceMs = lanes.live.firstSinceMs()
      if (sinceMs === undefined) return lanes.isEmpty() ? undefined : 0
      return maxDelayMs > 0 && lanes.live.rows() < maxBatchRows ? sinceMs + maxDelayMs - performance.now() : 0
    },
    take: lanes.take,
    run: ({ requests, isBackground }) => {
      // How long work in the background stood back says nothing about the server.
      if (observer && !isBackground) for (const { sinceMs } of requests) observer.queued(performance.now() - sinceMs)
      return runBatch(requests, model, observer)
    },
  })
  const live = waitingLine(lanes.live, pacer)
  const background = waitingLine(lanes.background, pacer)
  return {
    run: (request) => {
      const { feeds, outputs, signal, timeoutMs, isBackground = false, record } = request
      if (signal?.aborted) return Promise.reject(givenUp())
      const rows = model.isBatched ? rowCountOf(feeds) : 1
      const before = (isBackground ? lanes.background : lanes.live).rows()
      // A request larger than the whole queue is let through when nothing else waits: limits on rows bound it.
      if (before > 0 && before + rows > maxWaitingRows) return Promise.reject(overloaded(before))
      const line = isBackground ? background : live
      const shared = { outputs, key: keyOf(feeds, outputs, hasOpenShapes), ...(record && { record }) }
      if (rows <= maxBatchRows) return waitForAnswer({ feeds, rows, ...shared }, { signal, timeoutMs }, line)
      return runInPieces(feeds, { rows, pieceRows: maxBatchRows, signal }, (piece, size, own) =>
        waitForAnswer({ feeds: piece, rows: size, ...shared }, { signal: own, timeoutMs }, line),
      )
    },
    waitingRows: () => lanes.live.rows(),
    drain: pacer.idle,
  }
}

function waitingLine(queue: BatchQueue, pacer: RunPacer): WaitingLine {
  return {
    add: (waiting) => {
      queue.add(waiting)
      pacer.wake()
    },
    remove: (waiting) => {
      queue.remove(waiting)
      pacer.wake()
    },
  }
}

const overloaded = (rows: number): FivefoldError =>
  new FivefoldError('SERVER_OVERLOADED', `${rows} rows are waiting already`)

function keyOf(feeds: Tensors, outputs: readonly string[] | undefined, hasOpenShapes: boolean): string {
  const wanted = outputs ? outputs.join('\n') : ''
  if (!hasOpenShapes) return wanted
  return Object.keys(feeds).reduce((key, name) => `${key}|${feeds[name]!.shape.slice(1).join()}`, wanted)
}
