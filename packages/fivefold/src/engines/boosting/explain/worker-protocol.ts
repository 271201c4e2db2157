import type { ErrorCode } from '../../../core/index.ts'
import type { ExplainJob } from './explain-job.ts'

/** What each worker thread is started with. All arrays that grow with the rows lie in shared memory. */
export interface ExplainWorkerInput {
  readonly job: ExplainJob
  /** The next task that nobody took. */
  readonly counter: Int32Array
  /** One word; not 0 means that the work is to stop. */
  readonly cancelFlag: Int32Array
}

/** What a worker says: once for each task, unless it fails. */
export type ExplainWorkerMessage =
  | { readonly kind: 'done'; readonly task: number }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly message: string }
