import { parentPort, workerData } from 'node:worker_threads'
import { FivefoldError } from '../../../core/index.ts'
import { createTask } from './explain-job.ts'
import type { ExplainWorkerInput, ExplainWorkerMessage } from './worker-protocol.ts'

const { job, counter, cancelFlag } = workerData as ExplainWorkerInput
const say = (message: ExplainWorkerMessage): void => parentPort!.postMessage(message)

try {
  const runTask = createTask(job, checkCancelled)
  for (let task = Atomics.add(counter, 0, 1); task < job.taskCount; task = Atomics.add(counter, 0, 1)) {
    checkCancelled()
    runTask(task)
    say({ kind: 'done', task })
  }
} catch (thrown) {
  const { code, message } = FivefoldError.from(thrown)
  say({ kind: 'failed', code, message })
}

function checkCancelled(): void {
  if (Atomics.load(cancelFlag, 0) !== 0) throw new FivefoldError('CANCELLED', 'interrupted')
}
