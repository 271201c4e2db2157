import type { WaitingRequest } from './waiting-request.ts'

/** Requests that wait for a run, in the order in which they came. */
export interface BatchQueue {
  /** Rows of all that wait. */
  rows(): number
  isEmpty(): boolean
  /** Since when the first one waits; undefined where none does. */
  firstSinceMs(): number | undefined
  add(waiting: WaitingRequest): void
  /** Does nothing for what has left already. */
  remove(waiting: WaitingRequest): void
  /** Takes the first request and those after it that can share its run, in their order; something has to wait. */
  takeBatch(): readonly WaitingRequest[]
}

/** @param maxRows of a batch; undefined where each request runs alone */
export function createBatchQueue(maxRows: number | undefined): BatchQueue {
  const queue: WaitingRequest[] = []
  let rows = 0
  return {
    rows: () => rows,
    isEmpty: () => queue.length === 0,
    firstSinceMs: () => queue[0]?.sinceMs,
    add: (waiting) => {
      queue.push(waiting)
      rows += waiting.rows
    },
    remove: (waiting) => {
      const at = queue.indexOf(waiting)
      if (at < 0) return
      queue.splice(at, 1)
      rows -= waiting.rows
    },
    takeBatch: () => {
      const batch = maxRows === undefined ? queue.splice(0, 1) : takeAlike(queue, maxRows)
      for (const waiting of batch) rows -= waiting.rows
      return batch
    },
  }
}

function takeAlike(queue: WaitingRequest[], maxRows: number): WaitingRequest[] {
  const { key } = queue[0]!
  const batch: WaitingRequest[] = []
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
