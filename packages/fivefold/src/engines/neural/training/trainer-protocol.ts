import type { ExchangeMemory } from './gradient-exchange.ts'
import type { StepExecutor } from './step-executor.ts'
import type { Batch, StepRequest, TrainerState, TrainingPlan } from './training-plan.ts'

/** What a training thread is started with. */
export interface TrainerWorkerInput {
  readonly plan: TrainingPlan
  /** Absent where there is one worker only. */
  readonly exchange: ExchangeMemory | undefined
  /** Number of this worker among the others. */
  readonly worker: number
}

/** What a training thread does when asked. */
export function executorFunctions(executor: Promise<StepExecutor>) {
  return {
    ready: async () => {
      await executor
    },
    step: async (request: StepRequest) => (await executor).step(request),
    evaluate: async (program: string, batch: Batch, averaged: boolean) =>
      (await executor).evaluate(program, batch, averaged),
    state: async () => (await executor).state(),
    restore: async (state: TrainerState) => (await executor).restore(state),
    close: async () => (await executor).close(),
  }
}

export type ExecutorFunctions = ReturnType<typeof executorFunctions>
