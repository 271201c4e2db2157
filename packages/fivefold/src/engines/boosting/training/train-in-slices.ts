import { setImmediate } from 'node:timers/promises'
import { throwIfCancelled } from '../../../core/index.ts'
import { createInlineTeam } from '../kernels/thread-team.ts'
import { openWorkspace, type SharedWorkspace } from '../kernels/workspace.ts'
import type { BoostingModel } from '../model/model.ts'
import { type RoundReport, trainByRound } from './trainer.ts'

/** Longest time without a look at other tasks, but for the length of a round. */
const SLICE_MS = 10

/** Trains in the calling thread and lets its other tasks pass every few milliseconds. */
export async function trainInSlices(
  shared: SharedWorkspace,
  onRound: (report: RoundReport) => void,
  signal: AbortSignal,
): Promise<BoostingModel> {
  const workspace = openWorkspace(shared, 0)
  const checkCancelled = (): void => throwIfCancelled(signal)
  const rounds = trainByRound(workspace, createInlineTeam(workspace), { onRound, checkCancelled })
  for (let sliceBegan = performance.now(); ; ) {
    const step = rounds.next()
    if (step.done) return step.value
    if (performance.now() - sliceBegan < SLICE_MS) continue
    await setImmediate()
    sliceBegan = performance.now()
  }
}
