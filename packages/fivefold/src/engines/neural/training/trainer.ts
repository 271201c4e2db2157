import { FivefoldError, startWorker, type WorkerCaller, workerUrl } from '../../../core/index.ts'
import type { TensorLiteral } from '../../../onnx/index.ts'
import { breakExchange, createExchangeMemory, type ExchangeMemory } from './gradient-exchange.ts'
import { exchangedValueCount } from './step-executor.ts'
import type { ExecutorFunctions, TrainerWorkerInput } from './trainer-protocol.ts'
import type { Batch, EvaluateOptions, StepOutcome, StepRequest, TrainerState, TrainingPlan } from './training-plan.ts'
import type { TrainingStanding } from './training-standing.ts'

/**
 * Runs the programs of a plan in threads of their own, so that the event loop stays free. Calls may overlap: they are
 * carried out in the order in which they were made. This is the level to write a training loop of one's own at, such as that
 * of a generative adversarial network; `trainNetwork` is one such loop.
 */
export interface Trainer extends AsyncDisposable {
  /**
   * One update of a program's parameters from one or more micro-batches. With several workers the micro-batches are dealt out
   * among them, and each worker computes its share at the same time.
   */
  step(request: StepRequest): Promise<StepOutcome>
  /** Loss and outputs of a program over one batch; of one that trains the loss alone. */
  evaluate(program: string, batch: Batch, options?: EvaluateOptions): Promise<Record<string, TensorLiteral>>
  /** A copy of parameters and states by name, averages in place of the weights that they are averages of. */
  weights(): Promise<TrainerState['parameters']>
  /** A copy of where training stands, between the steps before and after the call. */
  state(): Promise<TrainerState>
  /** @throws CHECKPOINT_INVALID where the state is of another network or optimiser; training stays where it was then */
  restore(state: TrainerState): Promise<void>
  /** Ends the threads once the steps that they are busy with are done; those that wait are rejected. */
  close(): Promise<void>
}

/** What the loop of `trainNetwork` asks of a trainer besides: what is large stays in its thread. */
export interface TrainingThread extends Trainer {
  /** Keeps a copy of these weights, or of the weights as they are, as the best so far. */
  keepBest(weights?: TrainerState['parameters']): Promise<void>
  /** The best weights, or those of the last step where none were kept. */
  resultingWeights(): Promise<TrainerState['parameters']>
  /** The bytes of a checkpoint. */
  packCheckpoint(standing: Readonly<TrainingStanding>, seed: number): Promise<Uint8Array<ArrayBuffer>>
}

export interface TrainerOptions {
  /** Threads that each compute gradients of their share of a step. Default 1. */
  readonly workers?: number
}

/**
 * Starts the threads and loads the programs.
 *
 * @throws GRAPH_INVALID, GRAPH_UNSUPPORTED where a program does not load; TRAIN_INPUT where memory does not suffice
 */
export const createTrainer = (plan: TrainingPlan, options: TrainerOptions = {}): Promise<Trainer> =>
  startTraining(plan, options)

export async function startTraining(plan: TrainingPlan, options: TrainerOptions = {}): Promise<TrainingThread> {
  const { workers, exchange } = startWorkers(plan, options.workers ?? 1)
  const [first] = workers
  const everywhere = <Result>(call: (worker: WorkerCaller<ExecutorFunctions>) => Promise<Result>): Promise<Result[]> =>
    Promise.all(workers.map(call))
  const close = async (): Promise<void> => {
    if (exchange) breakExchange(exchange)
    await everywhere((worker) => worker.end())
  }
  try {
    await everywhere((worker) => worker.call('ready', []))
  } catch (error) {
    await close()
    throw error
  }
  return {
    async step(request) {
      const shareOf = (worker: number): readonly Batch[] =>
        request.batches.filter((_, at) => at % workers.length === worker)
      const steps = workers.map((worker, i) => worker.call('step', [{ ...request, batches: shareOf(i) }]))
      try {
        const [outcome] = await Promise.all(steps)
        return outcome!
      } catch (error) {
        // Where one worker failed, the others wait for its gradients for ever.
        if (workers.length > 1) await close()
        throw error
      }
    },
    evaluate: (program, batch, options = {}) => first!.call('evaluate', [program, batch, options]),
    weights: () => first!.call('weights', []),
    keepBest: (weights) => first!.call('keepBest', [weights]),
    resultingWeights: () => first!.call('resultingWeights', []),
    packCheckpoint: (standing, seed) => first!.call('packCheckpoint', [standing, seed]),
    state: () => first!.call('state', []),
    async restore(state) {
      await everywhere((worker) => worker.call('restore', [state]))
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

interface TrainingTeam {
  readonly workers: readonly WorkerCaller<ExecutorFunctions>[]
  readonly exchange: ExchangeMemory | undefined
}

function startWorkers(plan: TrainingPlan, count: number): TrainingTeam {
  if (!Number.isInteger(count) || count < 1)
    throw new FivefoldError('OPTION_INVALID', `workers must be a positive integer, got ${count}`)
  const exchange = count > 1 ? createExchangeMemory(count, exchangedValueCount(plan)) : undefined
  const workers = Array.from({ length: count }, (_, worker) => {
    const workerData: TrainerWorkerInput = { plan, exchange, worker }
    return startWorker<ExecutorFunctions>(workerUrl(import.meta.url, 'trainer-worker'), {
      what: 'the training thread',
      workerData,
      delaysExit: true,
      ...(exchange && { interrupt: () => breakExchange(exchange) }),
    })
  })
  return { workers, exchange }
}
