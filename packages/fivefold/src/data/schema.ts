/** What a column means, as far as modelling is concerned. */
export const SEMANTIC_TYPES = [
  'number',
  'integer',
  'boolean',
  'category',
  'text',
  'datetime',
  'identifier',
  'constant',
] as const
export type SemanticType = (typeof SEMANTIC_TYPES)[number]

/**
 * How a raw column enters the model graph, as a tensor of shape [N, 1].
 * `double`: NaN is missing. `int64` and `bool`: the column had no missing value in training and takes none.
 * `string`: the empty string is missing. Datetimes are `double` epoch milliseconds UTC.
 */
export type TensorType = 'double' | 'int64' | 'bool' | 'string'

export interface ColumnSchema {
  readonly name: string
  readonly type: SemanticType
  readonly tensor: TensorType
  /** Whether missing values were seen. */
  readonly nullable: boolean
  /** Why the type was chosen, in a sentence with figures; 'declared' where the user said so. */
  readonly evidence: string
  /** How a datetime is written in text where that is not ISO 8601, in strftime notation; other data is read alike. */
  readonly datetimeFormat?: string
}

export interface Schema {
  readonly columns: readonly ColumnSchema[]
}

/** Whether values of the type are held as numbers (else as a dictionary of strings). */
export function isNumeric(type: SemanticType, tensor: TensorType): boolean {
  return tensor !== 'string' && type !== 'text'
}
