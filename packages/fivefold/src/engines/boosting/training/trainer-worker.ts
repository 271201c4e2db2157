import { parentPort, workerData } from 'node:worker_threads'
import { FivefoldError } from '../../../core/index.ts'
import { createSharedTeam, serveBoard } from '../kernels/thread-team.ts'
import { openWorkspace } from '../kernels/workspace.ts'
import { trainInWorkspace } from './trainer.ts'
import type { WorkerInput, WorkerMessage } from './worker-protocol.ts'

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
    say({ kind: 'done', model: trainInWorkspace(workspace, team, { onRound, checkCancelled }) })
  } catch (thrown) {
    const { code, message } = FivefoldError.from(thrown)
    say({ kind: 'failed', code, message })
  }
}
