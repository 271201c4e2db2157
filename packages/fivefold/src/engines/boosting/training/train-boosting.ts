import { Worker } from 'node:worker_threads'
import { type Context, FivefoldError, throwIfCancelled, workerUrl } from '../../../core/index.ts'
import { allocateMemory, compileKernels, MAX_MEMORY_BYTES } from '../kernels/kernels.ts'
import { planMemory } from '../kernels/memory-layout.ts'
import { createTaskBoard } from '../kernels/thread-team.ts'
import type { SharedWorkspace } from '../kernels/workspace.ts'
import type { BoostingModel } from '../model/model.ts'
import { type BoostingParams, resolveParams } from '../parameters.ts'
import type { RoundReport } from './trainer.ts'
import { prepareJob, type TrainingData } from './training-data.ts'
import type { TrainingJob } from './training-job.ts'
import type { WorkerInput, WorkerMessage } from './worker-protocol.ts'

/** Feature values below which a second thread costs more to start than it saves. */
const LEAST_VALUES_A_THREAD = 200_000

/**
 * Trains gradient-boosted trees (second-order boosting after Chen and Guestrin, 2016, on histograms of quantised
 * gradients after Shi et al., 2022) in worker threads; the caller's thread stays free. The target decides the objective:
 * logistic for two classes, softmax for more, squared error for numbers. The same data, parameters and `context.rng`
 * give the same model, byte for byte, whatever `context.threads` is.
 *
 * @param data features and target of equal length; NaN features are missing, and each split learns their side.
 *   Features over shared memory are read in place.
 * @throws OPTION_INVALID for parameters, TRAIN_INPUT for data, CANCELLED after `context.signal` is aborted
 */
export async function trainBoosting(
  data: TrainingData,
  params: Partial<BoostingParams>,
  context: Context,
): Promise<BoostingModel> {
  const resolved = resolveParams(params)
  throwIfCancelled(context.signal)
  const job = prepareJob(data, resolved, context.rng.fork('boosting').int(2 ** 32))
  const threadCount = threadsFor(job, context.threads)
  const layout = planMemory(job, threadCount)
  const memory = memoryFor(layout.totalBytes)
  const shared: SharedWorkspace = { job, layout, memory, module: compileKernels() }
  return await runWorkers(shared, threadCount, context)
}

function threadsFor({ train }: TrainingJob, available: number): number {
  const worthwhile = Math.floor((train.rowCount * train.features.length) / LEAST_VALUES_A_THREAD)
  return Math.max(1, Math.min(Math.floor(available), worthwhile))
}

function memoryFor(sizeBytes: number): WebAssembly.Memory {
  const gib = (sizeBytes / 2 ** 30).toFixed(1)
  const remedy = 'Train on fewer rows or features.'
  if (sizeBytes > MAX_MEMORY_BYTES)
    throw new FivefoldError('TRAIN_INPUT', `boosting: the data needs ${gib} GiB of working memory, 4 GiB is the most`, {
      remedy,
    })
  try {
    return allocateMemory(sizeBytes)
  } catch (cause) {
    throw new FivefoldError('TRAIN_INPUT', `boosting: ${gib} GiB of working memory could not be had`, { cause, remedy })
  }
}

async function runWorkers(shared: SharedWorkspace, threadCount: number, context: Context): Promise<BoostingModel> {
  const cancelFlag = new Int32Array(new SharedArrayBuffer(4))
  const cancel = (): void => {
    Atomics.store(cancelFlag, 0, 1)
  }
  context.signal.addEventListener('abort', cancel)
  const board = createTaskBoard()
  const workers = Array.from({ length: threadCount }, (_, threadIndex) => {
    const workerData: WorkerInput = { shared, board, threadIndex, threadCount, cancelFlag }
    return new Worker(workerUrl(import.meta.url, 'trainer-worker'), { workerData })
  })
  try {
    return await outcome(workers, (report) => reportRound(report, shared.job, context))
  } finally {
    context.signal.removeEventListener('abort', cancel)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** Waits for the model; a worker that dies, whichever it is, ends the wait. */
function outcome(workers: readonly Worker[], onRound: (report: RoundReport) => void): Promise<BoostingModel> {
  return new Promise((resolve, reject) => {
    for (const worker of workers) {
      worker.on('error', (cause) => reject(FivefoldError.from(cause)))
      worker.on('exit', (code) => reject(new FivefoldError('INTERNAL', `a training thread ended with code ${code}`)))
    }
    workers[0]!.on('message', (message: WorkerMessage) => {
      if (message.kind === 'done') resolve(message.model)
      else if (message.kind === 'failed') reject(new FivefoldError(message.code, message.message))
      else {
        // What the caller's progress sink throws belongs to the caller, not to the event loop.
        try {
          onRound(message.report)
        } catch (thrown) {
          reject(thrown)
        }
      }
    })
  })
}

function reportRound({ round, trainLoss, validationLoss }: RoundReport, { params }: TrainingJob, context: Context) {
  const validation = validationLoss === undefined ? '' : `, validation ${validationLoss.toPrecision(5)}`
  const note = `loss ${trainLoss.toPrecision(5)}${validation}`
  context.progress({ stage: 'boosting', done: round, total: params.rounds, note })
}
