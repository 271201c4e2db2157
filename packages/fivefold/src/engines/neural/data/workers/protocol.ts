import type { ErrorCode } from '../../../../core/index.ts'
import type { DatasetSource } from '../dataset.ts'
import type { BatchPlan, BatchRequest } from '../fill-batch.ts'

/** What a batch worker is started with. */
export interface BatchWorkerInput {
  readonly source: DatasetSource
  readonly plan: BatchPlan
}

/** The buffer goes to the worker with the task, and comes back with its answer. */
export interface BatchTask {
  readonly id: number
  readonly request: BatchRequest
  readonly buffer: ArrayBuffer
}

export type BatchAnswer =
  | { readonly id: number; readonly buffer: ArrayBuffer }
  | { readonly id: number; readonly error: { readonly code: ErrorCode; readonly message: string } }
