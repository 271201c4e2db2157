import { setImmediate } from 'node:timers/promises'
import { type Context, throwIfCancelled } from '../../../core/index.ts'
import { createInlineTeam } from '../kernels/thread-team.ts'
import { openWorkspace } from '../kernels/workspace.ts'
import type { BoostingModel } from '../model/model.ts'
import { allocateWorkspace } from './allocate-workspace.ts'
import { reportRound } from './report-round.ts'
import type { RoundReport } from './round-report.ts'
import { trainByRound } from './trainer.ts'
import type { TrainingJob } from './training-job.ts'

/** Longest time without a look at other tasks, but for the length of a round. */
const SLICE_MS = 10

/** Trains in the calling thread and lets its other tasks pass every few milliseconds. */
export async function trainInSlices(job: TrainingJob, context: Context): Promise<BoostingModel> {
  const workspace = openWorkspace(allocateWorkspace(job, 1), 0)
  const checkCancelled = (): void => throwIfCancelled(context.signal)
  const onRound = (report: RoundReport): void => reportRound(report, job, context)
  const rounds = trainByRound(workspace, createInlineTeam(workspace), { onRound, checkCancelled })
  for (let sliceBegan = performance.now(); ; ) {
    const step = rounds.next()
    if (step.done) return step.value
    if (performance.now() - sliceBegan < SLICE_MS) continue
    await setImmediate()
    sliceBegan = performance.now()
  }
}
