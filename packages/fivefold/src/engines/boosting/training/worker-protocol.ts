import type { ErrorCode } from '../../../core/index.ts'
import type { TaskBoard } from '../kernels/task-board.ts'
import type { SharedWorkspace } from '../kernels/workspace.ts'
import type { BoostingModel } from '../model/model.ts'
import type { RoundReport } from './round-report.ts'

/** What each worker thread is started with. Thread 0 trains, the others take tasks off the board. */
export interface WorkerInput {
  readonly shared: SharedWorkspace
  readonly board: TaskBoard
  readonly threadIndex: number
  readonly threadCount: number
  /** One word; not 0 means that the work is to stop. */
  readonly cancelFlag: Int32Array
  readonly callBox: CallBox | undefined
}

/** Where a worker waits for the answer of a function that only the caller's thread has. */
export interface CallBox {
  readonly state: Int32Array
  readonly result: Float64Array
  readonly hasObjective: boolean
  readonly hasMetric: boolean
}

export const CALL_WAITING = 0
export const CALL_DONE = 1
export const CALL_FAILED = 2

export type CallerFunctionName = 'objective' | 'metric'

/** What thread 0 says; it ends with 'done' or 'failed'. */
export type WorkerMessage =
  | { readonly kind: 'round'; readonly report: RoundReport }
  | { readonly kind: 'call'; readonly name: CallerFunctionName }
  | { readonly kind: 'done'; readonly models: readonly BoostingModel[] }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
