import { type Batch, type layOutBatch, viewBatch } from './batch.ts'
import type { Dataset } from './dataset.ts'
import { applyTransforms } from './transforms/apply-transforms.ts'
import type { Transform } from './transforms/transforms.ts'

/** What all batches of a loader have in common; can be cloned to a worker. */
export interface BatchPlan {
  readonly layout: ReturnType<typeof layOutBatch>
  readonly transforms: readonly Transform[]
  readonly seed: number
}

/** One batch to be filled. */
export interface BatchRequest {
  readonly epoch: number
  readonly index: number
  readonly rowCount: number
  /** One for each row, padding included. */
  readonly samples: Uint32Array
}

/** Reads the samples of a batch into its buffer and transforms them. */
export async function fillBatch(
  dataset: Dataset,
  { layout, transforms, seed }: BatchPlan,
  request: BatchRequest,
  buffer: ArrayBuffer,
): Promise<Batch> {
  const views = viewBatch(layout, buffer)
  await dataset.read(request.samples, views.fields)
  applyTransforms(transforms, layout.fields, { ...request, ...views }, seed)
  for (let row = 0; row < layout.batchSize; row++) views.weights[row] = row < request.rowCount ? 1 : 0
  return { ...request, ...views }
}
