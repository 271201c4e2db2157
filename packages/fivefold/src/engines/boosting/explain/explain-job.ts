import { type AttributionJob, createAttributionTask } from './attribution-job.ts'
import { createDependenceTask, type DependenceJob } from './dependence-job.ts'

/** Work that falls into tasks of which each can be done by any thread; results go to shared memory. */
export type ExplainJob = AttributionJob | DependenceJob

/** What does one task of the job. It calls `checkCancelled` often enough for a user to wait. */
export function createTask(job: ExplainJob, checkCancelled: () => void): (task: number) => void {
  return job.kind === 'attributions' ? createAttributionTask(job, checkCancelled) : createDependenceTask(job)
}
