import { Worker } from 'node:worker_threads'
import { FivefoldError, workerUrl } from '../../../../core/index.ts'
import { type Batch, viewBatch } from '../batch.ts'
import type { DatasetSource } from '../dataset.ts'
import type { BatchPlan, BatchRequest } from '../fill-batch.ts'
import type { BatchAnswer, BatchTask, BatchWorkerInput } from './protocol.ts'

/** Threads that fill batches. */
export interface BatchTeam {
  /** The buffer is handed over, and comes back as the batch's. */
  fill(request: BatchRequest, buffer: ArrayBuffer): Promise<Batch>
  close(): Promise<void>
}

interface Waiting {
  readonly member: Member
  readonly resolve: (buffer: ArrayBuffer) => void
  readonly reject: (reason: unknown) => void
}

interface Member {
  readonly worker: Worker
  tasks: number
}

export function createBatchTeam(source: DatasetSource, plan: BatchPlan, size: number): BatchTeam {
  const waiting = new Map<number, Waiting>()
  let nextId = 0
  let failure: unknown
  const settle = (id: number): Waiting | undefined => {
    const found = waiting.get(id)
    waiting.delete(id)
    // Nobody waits for an idle worker: it shall not keep the process alive.
    if (found !== undefined && --found.member.tasks === 0) found.member.worker.unref()
    return found
  }
  const fail = (reason: unknown): void => {
    failure ??= reason
    for (const id of waiting.keys()) settle(id)?.reject(reason)
  }
  const answered = (message: BatchAnswer): void => {
    const task = settle(message.id)
    if ('buffer' in message) task?.resolve(message.buffer)
    else task?.reject(new FivefoldError(message.error.code, message.error.message))
  }
  const members = Array.from({ length: size }, () => startMember({ source, plan }, answered, fail))
  return {
    fill: async (request, buffer) => {
      if (failure !== undefined) throw failure
      const member = members.reduce((least, other) => (other.tasks < least.tasks ? other : least))
      if (member.tasks++ === 0) member.worker.ref()
      const filled = await new Promise<ArrayBuffer>((resolve, reject) => {
        const task: BatchTask = { id: nextId++, request, buffer }
        waiting.set(task.id, { member, resolve, reject })
        member.worker.postMessage(task, [buffer])
      })
      return { ...request, ...viewBatch(plan.layout, filled) }
    },
    close: async () => {
      fail(new FivefoldError('CANCELLED', 'the data loader was closed'))
      await Promise.all(members.map(({ worker }) => worker.terminate()))
    },
  }
}

function startMember(
  workerData: BatchWorkerInput,
  answered: (message: BatchAnswer) => void,
  fail: (reason: unknown) => void,
): Member {
  const worker = new Worker(workerUrl(import.meta.url, 'batch-worker'), { workerData })
  worker.on('message', answered)
  worker.on('error', (cause) => fail(FivefoldError.from(cause)))
  worker.on('exit', (code) => fail(new FivefoldError('INTERNAL', `a data loading thread ended with code ${code}`)))
  worker.unref()
  return { worker, tasks: 0 }
}
