import { FivefoldError } from '../../../core/index.ts'
import { type ElementType, elementCount } from '../../../onnx/index.ts'
import type { Program } from '../network/compile.ts'
import type { IndexRange } from '../network/index-range.ts'
import type { Batch, BatchArray } from './training-plan.ts'

const ARRAY_NAMES: Partial<Record<ElementType, string>> = {
  float: 'Float32Array',
  double: 'Float64Array',
  int64: 'BigInt64Array',
  int32: 'Int32Array',
  uint8: 'Uint8Array',
  bool: 'Uint8Array',
}

/** Throws TRAIN_INPUT naming the field of a batch that a program cannot take: missing, of another type or size, out of range. */
export function checkBatch({ fields, indexRanges, batchSize }: Program, batch: Batch): void {
  for (const [name, { type, shape }] of Object.entries(fields)) {
    const data = batch.fields?.[name]
    if (data === undefined)
      throw invalid(
        `the batch has no field '${name}' (it has: ${Object.keys(batch.fields ?? {}).join(', ') || 'none'})`,
      )
    checkArray(name, data, ARRAY_NAMES[type], [batchSize, ...shape])
    const range = indexRanges[name]
    if (range !== undefined) checkIndices(name, data, range, data.length / batchSize)
  }
  if (batch.weights !== undefined) checkArray('weights', batch.weights, 'Float32Array', [batchSize])
}

function checkArray(name: string, data: BatchArray, kind: string | undefined, shape: readonly number[]): void {
  const expected = `of shape [${shape.join(', ')}]`
  const found = data?.constructor?.name
  if (kind !== undefined && found !== kind) throw invalid(`field '${name}' must be a ${kind} ${expected}, got ${found}`)
  const length = elementCount(shape)
  if (data.length !== length)
    throw invalid(`field '${name}' ${expected} needs ${length} values, the batch has ${data.length}`)
}

function checkIndices(name: string, data: BatchArray, { count, ignored }: IndexRange, rowLength: number): void {
  for (let i = 0; i < data.length; i++) {
    const index = Number(data[i])
    if ((index >= 0 && index < count) || index === ignored) continue
    const row = Math.floor(i / rowLength)
    throw new FivefoldError('TRAIN_INPUT', `field '${name}': row ${row} of the batch holds ${index}`, {
      remedy: `Values must be 0 to ${count - 1}${ignored === undefined ? '' : `, or ${ignored} for what does not count`}: number them so, or give the network more units.`,
    })
  }
}

const invalid = (message: string): FivefoldError => new FivefoldError('TRAIN_INPUT', message)
