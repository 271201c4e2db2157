import { createRng } from '../../../../core/index.ts'
import type { Batch } from '../batch.ts'
import type { Field } from '../dataset.ts'
import { mixSamples, type Rows } from './mix-samples.ts'
import { transformSample } from './transform-sample.ts'
import { isMixing, type MixingTransform, type SampleTransform, type Transform } from './transforms.ts'

/**
 * Does the transforms to a batch, in their order and in place. Random numbers hang on the seed, the epoch and the sample's
 * place in the epoch (for mixing, the batch's), hence neither on threads nor on where a run was resumed; a sample that is
 * drawn twice differs from itself.
 */
export function applyTransforms(
  transforms: readonly Transform[],
  fields: readonly Field[],
  batch: Pick<Batch, 'epoch' | 'index' | 'fields' | 'weights'>,
  seed: number,
): void {
  for (const [number, transform] of transforms.entries()) {
    const stream = `/transform/${number}/${batch.epoch}`
    // Padding too: batch statistics see it.
    const rowsOf = (name: string): Rows => {
      const { shape } = fields.find((field) => field.name === name)!
      return { values: batch.fields[name] as Float32Array, rowCount: batch.weights.length, shape }
    }
    if (isMixing(transform)) mixRows(transform, rowsOf, seed, `${stream}/${batch.index}`)
    else transformRows(transform, rowsOf(transform.field), seed, stream, batch.index * batch.weights.length)
  }
}

function mixRows(transform: MixingTransform, rowsOf: (name: string) => Rows, seed: number, stream: string): void {
  mixSamples(transform, rowsOf(transform.field), rowsOf(transform.target), createRng(seed, stream))
}

function transformRows(transform: SampleTransform, rows: Rows, seed: number, stream: string, firstPlace: number): void {
  const [channels, height, width] = rows.shape as readonly [number, number, number]
  const size = channels * height * width
  for (let row = 0; row < rows.rowCount; row++) {
    const values = rows.values.subarray(row * size, (row + 1) * size)
    const rng = createRng(seed, `${stream}/${firstPlace + row}`)
    transformSample(transform, { values, channels, height, width }, rng)
  }
}
