import { FivefoldError } from '../../core/index.ts'
import { type Frame, stackFrames } from '../../data/index.ts'
import type { ServedPredictions } from './served-model.ts'
import { slicePredictions } from './slice-predictions.ts'

export interface BatcherOptions {
  readonly predict: (frame: Frame) => Promise<ServedPredictions>
  /** Requests together make a run of at most this many rows; a larger request runs alone. Default 256. */
  readonly maxBatchRows?: number
  /** Rows that may wait; what comes beyond is refused. Default 20 000. */
  readonly maxWaitingRows?: number
  /** Runs of the model at a time. Default 2: one computes while the next one is put together. */
  readonly maxRuns?: number
  /** Told of each run: how many requests and rows it held. */
  readonly onRun?: (requests: number, rows: number) => void
}

export interface Batcher {
  /** @throws SERVER_OVERLOADED where too many rows wait already */
  predict(frame: Frame): Promise<ServedPredictions>
  /** Resolves once nothing waits or runs. */
  drain(): Promise<void>
}

interface Waiting {
  readonly frame: Frame
  readonly resolve: (value: ServedPredictions) => void
  readonly reject: (reason: unknown) => void
}

/**
 * Puts requests that arrive in the same tick, or while the model is busy, into one run: a run of 32 rows costs hardly
 * more than a run of one. A request on an idle server waits for the end of its tick and no longer.
 */
export function createBatcher(options: BatcherOptions): Batcher {
  const { maxBatchRows = 256, maxWaitingRows = 20_000, maxRuns = 2, onRun = () => {} } = options
  const queue: Waiting[] = []
  const idle: (() => void)[] = []
  let waitingRows = 0
  let runs = 0
  let scheduled = false

  const schedule = (): void => {
    if (scheduled || queue.length === 0 || runs >= maxRuns) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      while (queue.length > 0 && runs < maxRuns) void start(takeBatch())
    })
  }

  const takeBatch = (): Waiting[] => {
    let rows = queue[0]!.frame.rowCount
    let count = 1
    while (count < queue.length && rows + queue[count]!.frame.rowCount <= maxBatchRows)
      rows += queue[count++]!.frame.rowCount
    waitingRows -= rows
    return queue.splice(0, count)
  }

  const start = async (batch: Waiting[]): Promise<void> => {
    runs++
    await runBatch(batch, options.predict, onRun)
    runs--
    schedule()
    if (runs === 0 && queue.length === 0) for (const wake of idle.splice(0)) wake()
  }

  return {
    predict: (frame) => {
      // A request larger than the whole queue is let through when nothing else waits: limits on rows bound it.
      if (waitingRows > 0 && waitingRows + frame.rowCount > maxWaitingRows)
        return Promise.reject(new FivefoldError('SERVER_OVERLOADED', `${waitingRows} rows are waiting already`))
      return new Promise((resolve, reject) => {
        queue.push({ frame, resolve, reject })
        waitingRows += frame.rowCount
        schedule()
      })
    },
    drain: () => (runs === 0 && queue.length === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  }
}

async function runBatch(
  batch: Waiting[],
  predict: BatcherOptions['predict'],
  onRun: (requests: number, rows: number) => void,
): Promise<void> {
  try {
    const frame = stackFrames(batch.map((waiting) => waiting.frame))
    onRun(batch.length, frame.rowCount)
    handOut(batch, await predict(frame))
  } catch (error) {
    if (batch.length === 1) return batch[0]!.reject(error)
    // One bad request must not fail its neighbours: each gets a run of its own.
    for (const waiting of batch) await runBatch([waiting], predict, onRun)
  }
}

function handOut(batch: readonly Waiting[], result: ServedPredictions): void {
  let row = 0
  for (const { frame, resolve } of batch) {
    resolve(batch.length === 1 ? result : slicePredictions(result, row, row + frame.rowCount))
    row += frame.rowCount
  }
}
