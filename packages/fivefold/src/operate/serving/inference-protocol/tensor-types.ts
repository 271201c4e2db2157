/** Element types of the Open Inference Protocol. */
export type TensorDatatype = keyof typeof TENSOR_DATATYPES

export type TensorCell = number | bigint | boolean | string | null

interface IntegerType {
  readonly kind: 'integer'
  readonly bytes: number
  readonly min: bigint
  readonly max: bigint
}

type DatatypeEntry = IntegerType | { readonly kind: 'bool' | 'float' | 'bytes'; readonly bytes: number }

const signed = (bits: number): IntegerType => ({
  kind: 'integer',
  bytes: bits / 8,
  min: -(2n ** BigInt(bits - 1)),
  max: 2n ** BigInt(bits - 1) - 1n,
})
const unsigned = (bits: number): IntegerType => ({
  kind: 'integer',
  bytes: bits / 8,
  min: 0n,
  max: 2n ** BigInt(bits) - 1n,
})

export const TENSOR_DATATYPES = {
  BOOL: { kind: 'bool', bytes: 1 },
  UINT8: unsigned(8),
  UINT16: unsigned(16),
  UINT32: unsigned(32),
  UINT64: unsigned(64),
  INT8: signed(8),
  INT16: signed(16),
  INT32: signed(32),
  INT64: signed(64),
  FP16: { kind: 'float', bytes: 2 },
  FP32: { kind: 'float', bytes: 4 },
  FP64: { kind: 'float', bytes: 8 },
  /** Four bytes of length before each element. */
  BYTES: { kind: 'bytes', bytes: 4 },
} as const satisfies Record<string, DatatypeEntry>

export function isTensorDatatype(name: unknown): name is TensorDatatype {
  return typeof name === 'string' && Object.hasOwn(TENSOR_DATATYPES, name)
}

/** An element of JSON as a value of the datatype; undefined where it is none. null is a missing float or text. */
export function cellOfJson(value: unknown, datatype: TensorDatatype): TensorCell | undefined {
  const entry: DatatypeEntry = TENSOR_DATATYPES[datatype]
  if (entry.kind === 'integer') return integerCell(value, entry)
  if (entry.kind === 'bool') return booleanCell(value)
  if (value === null) return null
  if (entry.kind === 'bytes') return typeof value === 'string' ? value : undefined
  return floatCell(value, datatype)
}

function integerCell(value: unknown, { min, max }: IntegerType): number | bigint | undefined {
  if (typeof value === 'bigint') return value >= min && value <= max ? value : undefined
  if (typeof value !== 'number' || !Number.isInteger(value)) return undefined
  return value >= min && value <= max ? value : undefined
}

function booleanCell(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value
  return value === 1 ? true : value === 0 ? false : undefined
}

/** FP32 is rounded to what its sender's float held. */
function floatCell(value: unknown, datatype: TensorDatatype): number | undefined {
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined
  return datatype === 'FP32' ? Math.fround(Number(value)) : Number(value)
}
