import { type Context, FivefoldError, throwIfCancelled } from '../../../core/index.ts'
import { type Batch, layOutBatch } from './batch.ts'
import type { Dataset, Field } from './dataset.ts'
import { type BatchPlan, type BatchRequest, fillBatch } from './fill-batch.ts'
import { checkSampling, epochLength, epochOrder, type Sampling } from './sampling.ts'
import { defineTransforms, type TransformOptions } from './transforms/transforms.ts'
import { type BatchTeam, createBatchTeam } from './workers/batch-team.ts'

export interface LoaderOptions {
  readonly batchSize: number
  /** Default 'shuffle'. */
  readonly sampling?: Sampling
  /** What becomes of the samples that do not fill a batch: 'pad' repeats samples with weight 0. Default 'pad'. */
  readonly last?: 'drop' | 'pad'
  /** Done to each batch, in this order. */
  readonly transforms?: readonly TransformOptions[]
  /** Threads that read and transform; 0, the default, does it on the caller's thread. */
  readonly workers?: number
  /** Batches that are prepared before they are asked for. Default 2, or 2 a worker. */
  readonly prefetch?: number
  /** Default the context's. */
  readonly seed?: number
}

/** Reads a dataset in batches of one size. Batches depend on seed, epoch and index alone, not on threads. */
export interface Loader {
  readonly batchSize: number
  /** Batches of an epoch. */
  readonly batchCount: number
  readonly fields: readonly Field[]
  /**
   * The batches of an epoch from one on. A batch is valid until the next is asked for, then its arrays are used again.
   * @throws CANCELLED; what the dataset throws
   */
  epoch(epoch: number, firstBatch?: number): AsyncGenerator<Batch, void, undefined>
  /** Ends the threads. */
  close(): Promise<void>
}

/** @throws OPTION_INVALID where options do not fit each other or the dataset */
export function createLoader(dataset: Dataset, options: LoaderOptions, context: Context): Loader {
  const { batchSize, sampling = { kind: 'shuffle' }, last = 'pad', workers = 0, seed = context.seed } = options
  const prefetch = options.prefetch ?? 2 * Math.max(1, workers)
  checkCounts({ batchSize, workers, prefetch })
  checkSampling(sampling, dataset.length)
  const sampleCount = epochLength(sampling, dataset.length)
  const batchCount = last === 'pad' ? Math.ceil(sampleCount / batchSize) : Math.floor(sampleCount / batchSize)
  if (batchCount === 0)
    throw invalid(`${sampleCount} samples do not fill a batch of ${batchSize}, and the last one is dropped`)
  const transforms = defineTransforms(options.transforms ?? [], dataset.fields)
  const plan = { layout: layOutBatch(dataset.fields, batchSize), transforms, seed }
  const team = workers > 0 ? createBatchTeam(sourceOf(dataset), plan, workers) : createInlineTeam(dataset, plan)
  const requestAt = (order: Uint32Array, epoch: number, index: number): BatchRequest =>
    requestOf(order, { epoch, index, batchSize })
  return {
    batchSize,
    batchCount,
    fields: dataset.fields,
    epoch: (epoch, firstBatch = 0) => {
      const order = epochOrder(sampling, dataset.length, seed, epoch)
      const buffers = Array.from({ length: prefetch + 1 }, () => new ArrayBuffer(plan.layout.sizeBytes))
      const requests = { from: firstBatch, to: batchCount, at: (index: number) => requestAt(order, epoch, index) }
      return prefetched(team, requests, buffers, context.signal)
    },
    close: () => team.close(),
  }
}

interface Requests {
  readonly from: number
  readonly to: number
  at(index: number): BatchRequest
}

/** Hands batches out in order, and keeps every buffer but theirs under way meanwhile. */
async function* prefetched(
  team: BatchTeam,
  requests: Requests,
  buffers: ArrayBuffer[],
  signal: AbortSignal,
): AsyncGenerator<Batch, void, undefined> {
  const pending: Promise<Batch>[] = []
  for (let next = requests.from; next < requests.to || pending.length > 0; ) {
    throwIfCancelled(signal)
    while (next < requests.to && buffers.length > 0) {
      const filling = team.fill(requests.at(next++), buffers.pop()!)
      // Whoever waits for it sees the failure; a batch that nobody came for may fail unseen.
      filling.catch(() => {})
      pending.push(filling)
    }
    const batch = await pending.shift()!
    yield batch
    buffers.push(batch.weights.buffer as ArrayBuffer)
  }
}

/** Fills on the caller's thread, one batch after another. */
function createInlineTeam(dataset: Dataset, plan: BatchPlan): BatchTeam {
  let last: Promise<unknown> = Promise.resolve()
  return {
    fill: (request, buffer) => {
      const filled = last.then(() => fillBatch(dataset, plan, request, buffer))
      last = filled.catch(() => {})
      return filled
    },
    close: async () => {
      await last
    },
  }
}

function requestOf(
  order: Uint32Array,
  { epoch, index, batchSize }: { epoch: number; index: number; batchSize: number },
): BatchRequest {
  const own = order.subarray(index * batchSize, (index + 1) * batchSize)
  const samples = Uint32Array.from({ length: batchSize }, (_, row) => own[row % own.length]!)
  return { epoch, index, rowCount: own.length, samples }
}

function sourceOf({ source }: Dataset): NonNullable<Dataset['source']> {
  if (source !== undefined) return source
  throw new FivefoldError('OPTION_INVALID', 'data loader: this dataset cannot be opened in workers', {
    remedy: 'Use openModuleDataset or createArrayDataset, or set workers to 0.',
  })
}

function checkCounts({ batchSize, workers, prefetch }: Record<'batchSize' | 'workers' | 'prefetch', number>): void {
  const isCount = (value: number, least: number): boolean => Number.isInteger(value) && value >= least
  if (!isCount(batchSize, 1)) throw invalid(`batchSize is ${batchSize}, not a number from 1`)
  if (!isCount(workers, 0)) throw invalid(`workers is ${workers}, not a number from 0`)
  if (!isCount(prefetch, 1)) throw invalid(`prefetch is ${prefetch}, not a number from 1`)
}

const invalid = (message: string): FivefoldError => new FivefoldError('OPTION_INVALID', `data loader: ${message}`)
