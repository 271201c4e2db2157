import { FivefoldError } from '../../../core/index.ts'

/** The arrays that hold a field of each type. */
export interface FieldArrays {
  float32: Float32Array
  int64: BigInt64Array
  int32: Int32Array
  uint8: Uint8Array
}

export type FieldType = keyof FieldArrays
export type FieldArray = FieldArrays[FieldType]

/** One named value of every sample, such as its image or its label. */
export interface Field {
  readonly name: string
  readonly type: FieldType
  /** Of one sample; empty for a single value. */
  readonly shape: readonly number[]
}

/** Field arrays by name, sample after sample. */
export type FieldValues = Readonly<Record<string, FieldArray>>

/** Samples that can be read by their numbers, in any order. */
export interface Dataset {
  /** Number of samples. */
  readonly length: number
  readonly fields: readonly Field[]
  /** Writes the values of these samples one after another into the arrays, which have room for so many. */
  read(indices: Uint32Array, into: FieldValues): void | Promise<void>
  /** How a worker opens the same data; absent where it cannot. */
  readonly source?: DatasetSource
}

/** What a worker thread opens a dataset from; can be cloned to it. */
export type DatasetSource =
  | { readonly kind: 'arrays'; readonly fields: readonly SharedField[] }
  | { readonly kind: 'module'; readonly url: string; readonly options: unknown }

/** A field whose values lie in shared memory, maybe narrower than they are read. */
export interface SharedField extends Field {
  readonly data: FieldArray
}

export const FIELD_ARRAYS = {
  float32: Float32Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
} as const satisfies Record<FieldType, unknown>

/** Values that a sample has in a field. */
export const sampleSize = ({ shape }: Field): number => shape.reduce((product, size) => product * size, 1)

/**
 * A dataset that a module makes, so that workers can make it too: the module exports `createDataset(options)`.
 * @param options anything that can be cloned
 * @throws OPTION_INVALID where the module exports no such function
 */
export async function openModuleDataset(url: string | URL, options?: unknown): Promise<Dataset> {
  const module: unknown = await import(String(url))
  if (!hasFactory(module))
    throw new FivefoldError('OPTION_INVALID', `dataset module ${url} exports no function createDataset`)
  const dataset = await module.createDataset(options)
  const source = { kind: 'module', url: String(url), options } as const
  const { length, fields } = dataset
  return { length, fields, read: (indices, into) => dataset.read(indices, into), source }
}

function hasFactory(
  module: unknown,
): module is { createDataset(options: unknown): Omit<Dataset, 'source'> | Promise<Omit<Dataset, 'source'>> } {
  if (typeof module !== 'object' || module === null) return false
  return 'createDataset' in module && typeof module.createDataset === 'function'
}
