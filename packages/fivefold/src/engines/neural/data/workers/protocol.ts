import type { DatasetSource } from '../dataset.ts'
import type { BatchPlan, BatchRequest } from '../fill-batch.ts'

/** What a batch worker is started with. */
export interface BatchWorkerInput {
  readonly source: DatasetSource
  readonly plan: BatchPlan
}

/** What a batch worker does when asked. The buffer goes to the worker with the call, and comes back with its answer. */
export type BatchFunctions = {
  fill(request: BatchRequest, buffer: ArrayBuffer): Promise<ArrayBuffer>
}
