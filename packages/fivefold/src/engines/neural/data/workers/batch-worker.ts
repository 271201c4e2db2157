import { parentPort, workerData } from 'node:worker_threads'
import { answerWorkerCalls, movingBuffers } from '../../../../core/index.ts'
import { openSharedFields } from '../array-dataset.ts'
import { type Dataset, type DatasetSource, openModuleDataset } from '../dataset.ts'
import { fillBatch } from '../fill-batch.ts'
import type { BatchFunctions, BatchWorkerInput } from './protocol.ts'

const { source, plan } = workerData as BatchWorkerInput
// Opened with the first batch, so that a failure is the answer to it.
let dataset: Promise<Dataset> | undefined

const functions: BatchFunctions = {
  async fill(request, buffer) {
    dataset ??= open(source)
    await fillBatch(await dataset, plan, request, buffer)
    return movingBuffers(buffer, [buffer])
  },
}

answerWorkerCalls(parentPort!, functions)

async function open(source: DatasetSource): Promise<Dataset> {
  if (source.kind === 'arrays') return openSharedFields(source.fields)
  return await openModuleDataset(source.url, source.options)
}
