import { Worker } from 'node:worker_threads'
import { type Context, FivefoldError, throwIfCancelled, workerUrl } from '../../../core/index.ts'
import { allocateMemory, compileKernels, MAX_MEMORY_BYTES } from '../kernels/kernels.ts'
import { planMemory } from '../kernels/memory-layout.ts'
import { createTaskBoard } from '../kernels/thread-team.ts'
import type { SharedWorkspace } from '../kernels/workspace.ts'
import type { BoostingModel } from '../model/model.ts'
import { type BoostingParams, resolveParams } from '../parameters.ts'
import { answerCalls, createCallBox } from './answer-calls.ts'
import type { CallerFunctions } from './caller-functions.ts'
import { joinModels } from './join-models.ts'
import type { TrainingData } from './labelled-rows.ts'
import { trainInSlices } from './train-in-slices.ts'
import type { RoundReport } from './trainer.ts'
import { prepareJob } from './training-data.ts'
import type { TrainingJob } from './training-job.ts'
import type { CallerFunctionName, WorkerInput, WorkerMessage } from './worker-protocol.ts'

/** Feature values below which a round is so short that the caller's thread can train between its other tasks. */
const LEAST_VALUES_A_WORKER = 200_000
/** Feature values below which a second thread costs more to start than it saves. */
const LEAST_VALUES_A_THREAD = 200_000

/**
 * Trains gradient-boosted trees (second-order boosting after Chen and Guestrin, 2016, on histograms of quantised
 * gradients after Shi et al., 2022; splits by category after Ke et al., 2017) in worker threads; small tables in slices of
 * milliseconds between the caller's other tasks, which is over before a worker has started. The same data, parameters and `context.rng` give the same model, byte for byte, whatever `context.threads` is.
 *
 * @param data features and target of equal length; NaN features are missing, and each split learns their side.
 *   Features over shared memory are read in place.
 * @param functions an objective or metric of the caller's own, which run in the caller's thread
 * @throws OPTION_INVALID for parameters, TRAIN_INPUT for data, CANCELLED after `context.signal` is aborted
 */
export async function trainBoosting(
  data: TrainingData,
  params: Partial<BoostingParams>,
  context: Context,
  functions: CallerFunctions = {},
): Promise<BoostingModel> {
  const resolved = resolveParams(params)
  throwIfCancelled(context.signal)
  const { objective, metric } = functions
  const custom = { objective: objective !== undefined, metric: metric && { higherIsBetter: metric.higherIsBetter } }
  const job = prepareJob(data, resolved, context.rng.fork('boosting').int(2 ** 32), custom)
  const threadCount = threadsFor(job, context.threads)
  const layout = planMemory(job, threadCount)
  const memory = memoryFor(layout.totalBytes)
  const shared: SharedWorkspace = { job, layout, memory, module: compileKernels() }
  const isSmall = job.train.rowCount * job.train.features.length < LEAST_VALUES_A_WORKER
  const isPlain = objective === undefined && metric === undefined
  const model =
    isSmall && isPlain
      ? await trainInSlices(shared, (report) => reportRound(report, job, context), context.signal)
      : await runWorkers(shared, threadCount, context, functions)
  return data.initialModel === undefined ? model : joinModels(data.initialModel, model)
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

async function runWorkers(
  shared: SharedWorkspace,
  threadCount: number,
  context: Context,
  functions: CallerFunctions,
): Promise<BoostingModel> {
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
    const onRound = (report: RoundReport): void => reportRound(report, shared.job, context)
    return await outcome(workers, onRound, (name) => answerCalls(shared, callBox!, functions, name))
  } finally {
    context.signal.removeEventListener('abort', cancel)
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** Waits for the model; a worker that dies, whichever it is, ends the wait. */
function outcome(
  workers: readonly Worker[],
  onRound: (report: RoundReport) => void,
  onCall: (name: CallerFunctionName) => void,
): Promise<BoostingModel> {
  return new Promise((resolve, reject) => {
    for (const worker of workers) {
      worker.on('error', (cause) => reject(FivefoldError.from(cause)))
      worker.on('exit', (code) => reject(new FivefoldError('INTERNAL', `a training thread ended with code ${code}`)))
    }
    workers[0]!.on('message', (message: WorkerMessage) => {
      if (message.kind === 'done') resolve(message.model)
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

function reportRound({ round, trainLoss, validationLoss }: RoundReport, { params }: TrainingJob, context: Context) {
  const validation = validationLoss === undefined ? '' : `, validation ${validationLoss.toPrecision(5)}`
  const note = trainLoss === undefined ? validation.slice(2) : `loss ${trainLoss.toPrecision(5)}${validation}`
  context.progress({ stage: 'boosting', done: round, total: params.rounds, note })
}
