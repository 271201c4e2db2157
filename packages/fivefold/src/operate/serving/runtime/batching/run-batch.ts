import { FivefoldError } from '../../../../core/index.ts'
import type { Servable, Tensors } from '../../model/servable.ts'
import { sliceTensors, stackTensors } from '../../model/tensor-batches.ts'
import { notePart } from '../../requests/request-record.ts'
import type { WaitingRequest } from './waiting-request.ts'

/** Told of what a batcher does; times in milliseconds. */
export interface BatchObserver {
  /** A request, or a piece of one, left the queue. */
  queued(ms: number): void
  /** Requests were put together before a run, and taken apart after it. */
  batched(ms: number): void
  computed(ms: number, requests: number, rows: number): void
}

type Model = Pick<Servable, 'run' | 'isBatched'>
type Batch = readonly WaitingRequest[]

/** Answers every request of a batch, by one run where that succeeds. Never rejects. */
export async function runBatch(batch: Batch, model: Model, observer?: BatchObserver): Promise<void> {
  try {
    await runTogether(batch, model, observer)
  } catch (error) {
    if (batch.length === 1) return batch[0]!.reject(error)
    // One bad request must not fail its neighbours: each gets a run of its own.
    for (const waiting of batch) await runBatch([waiting], model, observer)
  }
}

async function runTogether(batch: Batch, model: Model, observer?: BatchObserver): Promise<void> {
  const { outputs } = batch[0]!
  const startMs = performance.now()
  for (const { record, sinceMs } of batch) notePart(record, 'queue', sinceMs, startMs)
  const feeds = batch.length === 1 ? batch[0]!.feeds : stackTensors(batch.map((waiting) => waiting.feeds))
  const stackedMs = performance.now()
  const answer = await model.run(feeds, outputs ? { outputs } : undefined)
  const computedMs = performance.now()
  const rows = batch.reduce((sum, waiting) => sum + waiting.rows, 0)
  if (model.isBatched) checkRows(answer, rows)
  observer?.computed(computedMs - stackedMs, batch.length, rows)
  for (const { record } of batch) notePart(record, 'compute', stackedMs, computedMs)
  handOut(batch, answer)
  observer?.batched(stackedMs - startMs + performance.now() - computedMs)
}

/** A model that answers with another number of rows would have its answers handed to the wrong requests. */
function checkRows(answer: Tensors, rows: number): void {
  for (const name in answer)
    if (answer[name]!.shape[0] !== rows)
      throw new FivefoldError('INTERNAL', `the model answered ${answer[name]!.shape[0]} rows of '${name}' for ${rows}`)
}

function handOut(batch: Batch, answer: Tensors): void {
  let row = 0
  for (const waiting of batch) {
    waiting.resolve(batch.length === 1 ? answer : sliceTensors(answer, row, row + waiting.rows))
    row += waiting.rows
  }
}
