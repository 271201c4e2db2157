import { FIELD_ARRAYS, type Field, type FieldArray, type FieldValues, sampleSize } from './dataset.ts'

/** Samples that are trained on together, from one buffer that is used again for a later batch. */
export interface Batch {
  readonly epoch: number
  /** From 0 within the epoch. */
  readonly index: number
  /** Rows that are samples; those after them are padding. */
  readonly rowCount: number
  /** Which samples; padding repeats the first ones. */
  readonly samples: Uint32Array
  /** By name, of shape [batchSize, ...field shape]. */
  readonly fields: FieldValues
  /** 1 for samples, 0 for padding. */
  readonly weights: Float32Array
}

/** Where things lie in a batch's buffer, in bytes. */
interface BatchLayout {
  readonly batchSize: number
  readonly fields: readonly (Field & { readonly offset: number })[]
  readonly weightsOffset: number
  readonly sizeBytes: number
}

const ALIGNMENT_BYTES = 64

export function layOutBatch(fields: readonly Field[], batchSize: number): BatchLayout {
  let end = 0
  const take = (bytes: number): number => {
    const offset = end
    end += Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES
    return offset
  }
  const placed = fields.map((field) => {
    const bytes = batchSize * sampleSize(field) * FIELD_ARRAYS[field.type].BYTES_PER_ELEMENT
    return { ...field, offset: take(bytes) }
  })
  const weightsOffset = take(batchSize * Float32Array.BYTES_PER_ELEMENT)
  return { batchSize, fields: placed, weightsOffset, sizeBytes: end }
}

/** A buffer as the arrays of a batch. */
export function viewBatch(
  { batchSize, fields, weightsOffset }: BatchLayout,
  buffer: ArrayBuffer,
): Pick<Batch, 'fields' | 'weights'> {
  const views = fields.map((field): [string, FieldArray] => {
    const length = batchSize * sampleSize(field)
    return [field.name, new FIELD_ARRAYS[field.type](buffer, field.offset, length)]
  })
  return { fields: Object.fromEntries(views), weights: new Float32Array(buffer, weightsOffset, batchSize) }
}
