import { createArrayDataset } from './array-dataset.ts'
import type { Batch } from './batch.ts'
import type { Dataset } from './dataset.ts'

// What the tests of loading share.

/** Small images of three channels with numbers that tell where they were, labels and soft targets. */
export function imageDataset(length: number): Dataset {
  const pixels = Uint8Array.from({ length: length * 3 * 8 * 6 }, (_, i) => (i * 31) % 256)
  const labels = BigInt64Array.from({ length }, (_, i) => BigInt(i % 3))
  const targets = Float32Array.from({ length: length * 3 }, (_, i) => (Math.floor(i / 3) % 3 === i % 3 ? 1 : 0))
  return createArrayDataset({
    image: { data: pixels, shape: [3, 8, 6], type: 'float32' },
    label: { data: labels },
    target: { data: targets, shape: [3] },
  })
}

/** A batch that outlives its buffer. */
export const keep = (batch: Batch): Batch => structuredClone(batch)

export async function collect(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const all: Batch[] = []
  for await (const batch of batches) all.push(keep(batch))
  return all
}
