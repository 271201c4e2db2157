import { Worker } from 'node:worker_threads'
import { type Context, FivefoldError, throwIfCancelled, workerUrl } from '../../../core/index.ts'
import { createTask, type ExplainJob } from './explain-job.ts'
import { shareMatrix } from './shared-values.ts'
import type { ExplainWorkerInput, ExplainWorkerMessage } from './worker-protocol.ts'

/** Work above which the caller's thread is left free, some tens of milliseconds; below, starting a thread costs more. */
const LEAST_WORK_OF_WORKERS = 500_000
/** Work that a further thread is worth. */
const WORK_OF_THREAD = 8_000_000

/**
 * Does the tasks of a job: in the caller's thread where they are little work, else in workers. What is computed does not
 * depend on which.
 * @throws CANCELLED after `context.signal` is aborted
 */
export async function runJob(job: ExplainJob, context: Context): Promise<void> {
  throwIfCancelled(context.signal)
  if (job.work < LEAST_WORK_OF_WORKERS) runHere(job, context)
  else await runInWorkers(job, context)
}

function runHere(job: ExplainJob, context: Context): void {
  const runTask = createTask(job, () => throwIfCancelled(context.signal))
  for (let task = 0; task < job.taskCount; task++) {
    runTask(task)
    report(job, task + 1, context)
  }
}

async function runInWorkers(job: ExplainJob, context: Context): Promise<void> {
  const counter = new Int32Array(new SharedArrayBuffer(4))
  const cancelFlag = new Int32Array(new SharedArrayBuffer(4))
  const cancel = (): void => {
    Atomics.store(cancelFlag, 0, 1)
  }
  context.signal.addEventListener('abort', cancel)
  const workerData: ExplainWorkerInput = { job: shareJob(job), counter, cancelFlag }
  const count = Math.max(1, Math.min(context.threads, job.taskCount, Math.floor(job.work / WORK_OF_THREAD)))
  const url = workerUrl(import.meta.url, 'explain-worker')
  const workers = Array.from({ length: count }, () => new Worker(url, { workerData }))
  try {
    await allTasks(workers, job, context)
  } finally {
    context.signal.removeEventListener('abort', cancel)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** Rows travel to every worker without a copy for each. */
function shareJob(job: ExplainJob): ExplainJob {
  const features = shareMatrix(job.features)
  return job.kind === 'attributions'
    ? { ...job, features, background: shareMatrix(job.background) }
    : { ...job, features }
}

/** Waits for every task; a worker that fails or dies ends the wait. */
function allTasks(workers: readonly Worker[], job: ExplainJob, context: Context): Promise<void> {
  let done = 0
  return new Promise((resolve, reject) => {
    for (const worker of workers) {
      worker.on('error', (cause) => reject(FivefoldError.from(cause)))
      worker.on('exit', (code) => {
        if (code !== 0) reject(new FivefoldError('INTERNAL', `an explaining thread ended with code ${code}`))
      })
      worker.on('message', (message: ExplainWorkerMessage) => {
        if (message.kind === 'failed') return reject(new FivefoldError(message.code, message.message))
        done++
        // What the caller's progress sink throws belongs to the caller, not to the event loop.
        try {
          report(job, done, context)
        } catch (thrown) {
          reject(thrown)
        }
        if (done === job.taskCount) resolve()
      })
    }
  })
}

function report(job: ExplainJob, done: number, context: Context): void {
  context.progress({ stage: 'explain', done, total: job.taskCount })
}
