import { parentPort, workerData } from 'node:worker_threads'
import { FivefoldError } from '../../../../core/index.ts'
import { openSharedFields } from '../array-dataset.ts'
import { type Dataset, type DatasetSource, openModuleDataset } from '../dataset.ts'
import { fillBatch } from '../fill-batch.ts'
import type { BatchAnswer, BatchTask, BatchWorkerInput } from './protocol.ts'

const { source, plan } = workerData as BatchWorkerInput
const port = parentPort!
// Opened with the first task, so that a failure is the answer to it.
let dataset: Promise<Dataset> | undefined
// Datasets need not bear two reads at once.
let last = Promise.resolve()

port.on('message', (task: BatchTask) => {
  last = last.then(() => answer(task))
})

async function answer({ id, request, buffer }: BatchTask): Promise<void> {
  try {
    dataset ??= open(source)
    await fillBatch(await dataset, plan, request, buffer)
    const done: BatchAnswer = { id, buffer }
    port.postMessage(done, [buffer])
  } catch (thrown) {
    const { code, message } = FivefoldError.from(thrown)
    const failed: BatchAnswer = { id, error: { code, message } }
    port.postMessage(failed)
  }
}

async function open(source: DatasetSource): Promise<Dataset> {
  if (source.kind === 'arrays') return openSharedFields(source.fields)
  return await openModuleDataset(source.url, source.options)
}
