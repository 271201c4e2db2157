import type { RunBatch } from './run.ts'

/** One call that adds to a run. */
export interface RunAddition {
  readonly runId: string
  readonly batch: RunBatch
}
