import { type BatchQueue, createBatchQueue } from './batch-queue.ts'
import type { WaitingRequest } from './waiting-request.ts'

/** How long work in the background stands back for other requests. */
const BACKGROUND_PATIENCE_MS = 1000

/** Two queues: requests, and work in the background that stands back for them. */
export interface Lanes {
  readonly live: BatchQueue
  readonly background: BatchQueue
  isEmpty(): boolean
  /** What runs next beside so many runs: nothing where what waits stands back. */
  take(runs: number): TakenBatch | undefined
}

export interface TakenBatch {
  readonly requests: readonly WaitingRequest[]
  readonly isBackground: boolean
}

/** @param maxRows of a batch; undefined where each request runs alone */
export function createLanes(maxRows: number | undefined): Lanes {
  const live = createBatchQueue(maxRows)
  const background = createBatchQueue(maxRows)
  let backgroundMs = Number.NEGATIVE_INFINITY

  /** Under constant load the background gets a run a second, so that it ends some time. */
  const isBackgroundsTurn = (runs: number): boolean => {
    const sinceMs = background.firstSinceMs()
    if (sinceMs === undefined) return false
    if (runs === 0 && live.isEmpty()) return true
    return performance.now() - Math.max(sinceMs, backgroundMs) > BACKGROUND_PATIENCE_MS
  }
  return {
    live,
    background,
    isEmpty: () => live.isEmpty() && background.isEmpty(),
    take: (runs) => {
      if (isBackgroundsTurn(runs)) {
        backgroundMs = performance.now()
        return { requests: background.takeBatch(), isBackground: true }
      }
      return live.isEmpty() ? undefined : { requests: live.takeBatch(), isBackground: false }
    },
  }
}
