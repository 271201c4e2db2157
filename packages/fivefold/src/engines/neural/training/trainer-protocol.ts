import { movingBuffers } from '../../../core/index.ts'
import type { ExchangeMemory } from './gradient-exchange.ts'
import type { StepExecutor } from './step-executor.ts'
import type { Batch, EvaluateOptions, StepRequest, TrainerState, TrainingPlan } from './training-plan.ts'
import { packCheckpoint, type TrainingStanding } from './training-standing.ts'

/** What a training thread is started with. */
export interface TrainerWorkerInput {
  readonly plan: TrainingPlan
  /** Absent where there is one worker only. */
  readonly exchange: ExchangeMemory | undefined
  /** Number of this worker among the others. */
  readonly worker: number
}

/** What a training thread does when asked. */
export function executorFunctions(create: () => Promise<StepExecutor>) {
  let executor: Promise<StepExecutor> | undefined
  let best: TrainerState['parameters'] | undefined
  // Programs are loaded within the first call, so that the thread counts as busy meanwhile, and a failure is its answer.
  const ready = (): Promise<StepExecutor> => {
    executor ??= create()
    return executor
  }
  return {
    ready: async () => {
      await ready()
    },
    step: async (request: StepRequest) => (await ready()).step(request),
    evaluate: async (program: string, batch: Batch, options: EvaluateOptions) =>
      (await ready()).evaluate(program, batch, options),
    weights: async () => {
      const weights = (await ready()).weights()
      return moving(weights, valuesOf(weights))
    },
    state: async () => {
      const state = (await ready()).state()
      return moving(state, arraysOf(state))
    },
    restore: async (state: TrainerState) => (await ready()).restore(state),
    keepBest: async (weights: TrainerState['parameters'] | undefined) => {
      best = weights ?? (await ready()).weights()
    },
    resultingWeights: async () => best ?? (await ready()).weights(),
    packCheckpoint: async (standing: TrainingStanding, seed: number) => {
      const bytes = packCheckpoint(standing, (await ready()).state(), best, seed)
      return movingBuffers(bytes, [bytes.buffer])
    },
  }
}

const valuesOf = (tensors: TrainerState['parameters']): Float32Array[] =>
  Array.from(tensors.values(), ({ values }) => values)

const arraysOf = ({ parameters, optimizers, averages }: TrainerState): Float32Array[] => [
  ...valuesOf(parameters),
  ...Object.values(optimizers).flatMap(({ tensors }) => Object.values(tensors)),
  ...Object.values(averages?.values ?? {}),
]

/** Copies need not be copied again on their way to the caller. */
function moving<Answer extends object>(answer: Answer, arrays: Iterable<Float32Array>): Answer {
  return movingBuffers(
    answer,
    Array.from(arrays, ({ buffer }) => buffer as ArrayBuffer),
  )
}

export type ExecutorFunctions = ReturnType<typeof executorFunctions>
