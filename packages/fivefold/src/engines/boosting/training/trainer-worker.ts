import { parentPort, workerData } from 'node:worker_threads'
import { FivefoldError } from '../../../core/index.ts'
import { createSharedTeam, serveBoard } from '../kernels/thread-team.ts'
import { openWorkspace } from '../kernels/workspace.ts'
import { type TrainerHooks, trainAll } from './trainer.ts'
import {
  CALL_FAILED,
  CALL_WAITING,
  type CallerFunctionName,
  type WorkerInput,
  type WorkerMessage,
} from './worker-protocol.ts'

const input = workerData as WorkerInput
const workspace = openWorkspace(input.shared, input.threadIndex)
if (input.threadIndex > 0) serveBoard(workspace, input.board)
else train()

function train(): void {
  const say = (message: WorkerMessage): void => parentPort!.postMessage(message)
  const team = createSharedTeam(workspace, input.board, input.threadCount)
  const checkCancelled = (): void => {
    if (Atomics.load(input.cancelFlag, 0) !== 0) throw new FivefoldError('CANCELLED', 'interrupted')
  }
  try {
    const onRound = (report: Extract<WorkerMessage, { kind: 'round' }>['report']): void =>
      say({ kind: 'round', report })
    const hooks = { onRound, checkCancelled, ...callerHooks(say) }
    say({ kind: 'done', models: trainAll(workspace, team, hooks) })
  } catch (thrown) {
    const { code, message } = FivefoldError.from(thrown)
    say({ kind: 'failed', code, message })
  }
}

/** Hooks that ask the caller's thread and sleep until it has answered. */
function callerHooks(say: (message: WorkerMessage) => void): Pick<TrainerHooks, 'customGradients' | 'customMetric'> {
  const box = input.callBox
  if (box === undefined) return {}
  const ask = (name: CallerFunctionName): number => {
    Atomics.store(box.state, 0, CALL_WAITING)
    say({ kind: 'call', name })
    Atomics.wait(box.state, 0, CALL_WAITING)
    // The caller knows what its function threw; this only ends the work.
    if (Atomics.load(box.state, 0) === CALL_FAILED) throw new FivefoldError('CANCELLED', `the ${name} failed`)
    return box.result[0]!
  }
  return {
    ...(box.hasObjective ? { customGradients: () => void ask('objective') } : {}),
    ...(box.hasMetric ? { customMetric: () => ask('metric') } : {}),
  }
}
