import { allocateMemory, compileKernels } from '../kernels/kernels.ts'
import { planMemory } from '../kernels/memory-layout.ts'
import { createInlineTeam } from '../kernels/thread-team.ts'
import { openWorkspace } from '../kernels/workspace.ts'
import type { BoostingModel } from '../model/model.ts'
import { type TrainerHooks, trainInWorkspace } from './trainer.ts'
import type { TrainingJob } from './training-job.ts'

const NO_HOOKS: TrainerHooks = { onRound: () => {}, checkCancelled: () => {} }

/** Trains in the calling thread alone and blocks it; for tests, and for callers that are workers themselves. */
export function trainSynchronously(job: TrainingJob, hooks: TrainerHooks = NO_HOOKS): BoostingModel {
  const layout = planMemory(job, 1)
  const memory = allocateMemory(layout.totalBytes)
  const workspace = openWorkspace({ job, layout, memory, module: compileKernels() }, 0)
  return trainInWorkspace(workspace, createInlineTeam(workspace), hooks)
}
