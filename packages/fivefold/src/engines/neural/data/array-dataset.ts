import { FivefoldError } from '../../../core/index.ts'
import {
  type Dataset,
  FIELD_ARRAYS,
  type Field,
  type FieldArray,
  type FieldType,
  type FieldValues,
  type SharedField,
  sampleSize,
} from './dataset.ts'

export interface ArrayField {
  /** Values of all samples, one sample after another. */
  readonly data: FieldArray
  /** Of one sample; default a single value. */
  readonly shape?: readonly number[]
  /** As what they are read. Default the type of the array; bytes and integers can be kept small and read as float32. */
  readonly type?: FieldType
}

/**
 * Samples from arrays in memory.
 * @throws TRAIN_INPUT where the fields have different numbers of samples, or none
 */
export function createArrayDataset(fields: Readonly<Record<string, ArrayField>>): Dataset {
  const named = Object.entries(fields).map(([name, field]) => toField(name, field))
  const length = commonLength(named)
  let shared: readonly SharedField[] | undefined
  return {
    ...openFields(named, length),
    // Workers share one copy, made when the first of them needs it.
    get source() {
      shared ??= named.map((field) => ({ ...field, data: toShared(field.data) }))
      return { kind: 'arrays', fields: shared } as const
    },
  }
}

/** The dataset over fields that were sent to a worker. */
export function openSharedFields(fields: readonly SharedField[]): Dataset {
  return openFields(fields, commonLength(fields))
}

function openFields(fields: readonly SharedField[], length: number): Dataset {
  return {
    length,
    fields: fields.map(({ name, type, shape }): Field => ({ name, type, shape })),
    read: (indices, into) => {
      for (const field of fields) copySamples(field, indices, into)
    },
  }
}

function copySamples(field: SharedField, indices: Uint32Array, into: FieldValues): void {
  const size = sampleSize(field)
  // Both are numbers, or both are bigints: `toField` saw to that.
  const target = into[field.name] as Float32Array
  const source = field.data as Float32Array
  if (size === 1) for (let i = 0; i < indices.length; i++) target[i] = source[indices[i]!]!
  else
    for (let i = 0; i < indices.length; i++) {
      const begin = indices[i]! * size
      target.set(source.subarray(begin, begin + size), i * size)
    }
}

function toField(name: string, { data, shape = [], type = typeOf(data) }: ArrayField): SharedField {
  const isWidened = type === 'float32' && !(data instanceof BigInt64Array)
  if (type !== typeOf(data) && !isWidened)
    throw new FivefoldError('TRAIN_INPUT', `field '${name}': values of ${typeOf(data)} cannot be read as ${type}`)
  return { name, type, shape, data }
}

function typeOf(data: FieldArray): FieldType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof BigInt64Array) return 'int64'
  return data instanceof Int32Array ? 'int32' : 'uint8'
}

function commonLength(fields: readonly SharedField[]): number {
  const lengths = fields.map((field) => ({ name: field.name, length: field.data.length / sampleSize(field) }))
  const [first] = lengths
  if (first === undefined) throw new FivefoldError('TRAIN_INPUT', 'the dataset has no fields')
  for (const { name, length } of lengths) {
    if (!Number.isInteger(length)) throw new FivefoldError('TRAIN_INPUT', `field '${name}' is not of whole samples`)
    if (length !== first.length)
      throw new FivefoldError(
        'TRAIN_INPUT',
        `field '${name}' has ${length} samples, '${first.name}' has ${first.length}`,
      )
  }
  if (first.length === 0) throw new FivefoldError('TRAIN_INPUT', 'the dataset has no samples')
  return first.length
}

function toShared(data: FieldArray): FieldArray {
  if (data.buffer instanceof SharedArrayBuffer) return data
  const bytes = new Uint8Array(new SharedArrayBuffer(data.byteLength))
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  const ArrayType: new (buffer: ArrayBufferLike) => FieldArray = FIELD_ARRAYS[typeOf(data)]
  return new ArrayType(bytes.buffer)
}

/**
 * Class codes as rows of zeros with a one, for losses and transforms that mix targets.
 * @throws TRAIN_INPUT for a code outside [0, classCount)
 */
export function oneHot(codes: ArrayLike<number>, classCount: number): Float32Array {
  const rows = new Float32Array(codes.length * classCount)
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!
    if (!(Number.isInteger(code) && code >= 0 && code < classCount))
      throw new FivefoldError('TRAIN_INPUT', `sample ${i}: ${code} is not a class code below ${classCount}`)
    rows[i * classCount + code] = 1
  }
  return rows
}
