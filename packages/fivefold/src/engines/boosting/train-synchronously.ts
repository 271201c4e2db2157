import { allocateMemory, compileKernels } from './kernels.ts'
import { planMemory } from './memory-layout.ts'
import type { BoostingModel } from './model.ts'
import { createInlineTeam } from './thread-team.ts'
import { type TrainerHooks, trainInWorkspace } from './trainer.ts'
import type { TrainingJob } from './training-job.ts'
import { openWorkspace } from './workspace.ts'

const NO_HOOKS: TrainerHooks = { onRound: () => {}, checkCancelled: () => {} }

/** Trains in the calling thread alone and blocks it; for tests, and for callers that are workers themselves. */
export function trainSynchronously(job: TrainingJob, hooks: TrainerHooks = NO_HOOKS): BoostingModel {
  const layout = planMemory(job, 1)
  const memory = allocateMemory(layout.totalBytes)
  const workspace = openWorkspace({ job, layout, memory, module: compileKernels() }, 0)
  return trainInWorkspace(workspace, createInlineTeam(workspace), hooks)
}
