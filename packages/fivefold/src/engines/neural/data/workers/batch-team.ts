import { FivefoldError, startWorker, type WorkerCaller, workerUrl } from '../../../../core/index.ts'
import { type Batch, viewBatch } from '../batch.ts'
import type { DatasetSource } from '../dataset.ts'
import type { BatchPlan, BatchRequest } from '../fill-batch.ts'
import type { BatchFunctions, BatchWorkerInput } from './protocol.ts'

/** Threads that fill batches. */
export interface BatchTeam {
  /** The buffer is handed over, and comes back as the batch's. */
  fill(request: BatchRequest, buffer: ArrayBuffer): Promise<Batch>
  close(): Promise<void>
}

interface Member {
  readonly worker: WorkerCaller<BatchFunctions>
  /** Batches that it was asked for and has not filled. */
  tasks: number
}

export function createBatchTeam(source: DatasetSource, plan: BatchPlan, size: number): BatchTeam {
  const workerData: BatchWorkerInput = { source, plan }
  const url = workerUrl(import.meta.url, 'batch-worker')
  const members = Array.from({ length: size }, (): Member => {
    return { worker: startWorker<BatchFunctions>(url, { what: 'a data loading thread', workerData }), tasks: 0 }
  })
  let isClosed = false
  const fill = async (member: Member, request: BatchRequest, buffer: ArrayBuffer): Promise<ArrayBuffer> => {
    member.tasks++
    try {
      return await member.worker.call('fill', [request, buffer], [buffer])
    } catch (error) {
      throw isClosed ? closed() : error
    } finally {
      member.tasks--
    }
  }
  return {
    fill: async (request, buffer) => {
      if (isClosed) throw closed()
      const idlest = members.reduce((least, other) => (other.tasks < least.tasks ? other : least))
      return { ...request, ...viewBatch(plan.layout, await fill(idlest, request, buffer)) }
    },
    close: async () => {
      isClosed = true
      await Promise.all(members.map(({ worker }) => worker.terminate()))
    },
  }
}

const closed = (): FivefoldError => new FivefoldError('CANCELLED', 'the data loader was closed')
