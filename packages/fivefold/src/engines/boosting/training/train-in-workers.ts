import { Worker } from 'node:worker_threads'
import { type Context, FivefoldError, workerUrl } from '../../../core/index.ts'
import { createTaskBoard } from '../kernels/task-board.ts'
import type { BoostingModel } from '../model/model.ts'
import { allocateWorkspace } from './allocate-workspace.ts'
import { answerCalls, createCallBox } from './answer-calls.ts'
import type { CallerFunctions } from './caller-functions.ts'
import { reportRound } from './report-round.ts'
import type { RoundReport } from './round-report.ts'
import type { TrainingJob } from './training-job.ts'
import type { CallerFunctionName, WorkerInput, WorkerMessage } from './worker-protocol.ts'

/** Feature values below which a second thread costs more to start than it saves. */
const LEAST_VALUES_A_THREAD = 200_000

function threadsFor({ train }: TrainingJob, available: number): number {
  const worthwhile = Math.floor((train.rowCount * train.features.length) / LEAST_VALUES_A_THREAD)
  return Math.max(1, Math.min(Math.floor(available), worthwhile))
}

/**
 * Trains in worker threads; the caller's thread stays free. One model, or in cross-validation one a fold.
 * @throws TRAIN_INPUT where the memory that it takes cannot be had
 */
export async function trainInWorkers(
  job: TrainingJob,
  context: Context,
  functions: CallerFunctions,
): Promise<readonly BoostingModel[]> {
  const threadCount = threadsFor(job, context.threads)
  const shared = allocateWorkspace(job, threadCount)
  const cancelFlag = new Int32Array(new SharedArrayBuffer(4))
  const cancel = (): void => {
    Atomics.store(cancelFlag, 0, 1)
  }
  context.signal.addEventListener('abort', cancel)
  const board = createTaskBoard()
  const callBox = createCallBox(functions)
  const workers = Array.from({ length: threadCount }, (_, threadIndex) => {
    const workerData: WorkerInput = { shared, board, threadIndex, threadCount, cancelFlag, callBox }
    return new Worker(workerUrl(import.meta.url, 'trainer-worker'), { workerData })
  })
  try {
    const onRound = (report: RoundReport): void => reportRound(report, job, context)
    return await outcome(workers, onRound, (name) => answerCalls(shared, callBox!, functions, name))
  } finally {
    context.signal.removeEventListener('abort', cancel)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** Waits for the models; a worker that dies, whichever it is, ends the wait. */
function outcome(
  workers: readonly Worker[],
  onRound: (report: RoundReport) => void,
  onCall: (name: CallerFunctionName) => void,
): Promise<readonly BoostingModel[]> {
  return new Promise((resolve, reject) => {
    for (const worker of workers) {
      worker.on('error', (cause) => reject(FivefoldError.from(cause)))
      worker.on('exit', (code) => reject(new FivefoldError('INTERNAL', `a training thread ended with code ${code}`)))
    }
    workers[0]!.on('message', (message: WorkerMessage) => {
      if (message.kind === 'done') resolve(message.models)
      else if (message.kind === 'failed') reject(new FivefoldError(message.code, message.message))
      else {
        // What the caller's functions throw belongs to the caller, not to the event loop.
        try {
          if (message.kind === 'call') onCall(message.name)
          else onRound(message.report)
        } catch (thrown) {
          reject(thrown)
        }
      }
    })
  })
}
