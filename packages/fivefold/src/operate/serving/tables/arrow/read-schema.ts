import { FivefoldError } from '../../../../core/index.ts'
import { damaged, type FlatTable } from './flat-buffer.ts'

/** How the values of a column lie in memory. */
export type ArrowType =
  | { readonly kind: 'null' }
  | { readonly kind: 'bool' }
  | { readonly kind: 'int'; readonly bits: number; readonly signed: boolean }
  | { readonly kind: 'float'; readonly bits: number }
  /** `wide`: offsets of 64 bits. */
  | { readonly kind: 'text'; readonly wide: boolean }
  | { readonly kind: 'textView' }
  | { readonly kind: 'decimal'; readonly bits: number; readonly scale: number }
  /** Days or milliseconds since 1970. */
  | { readonly kind: 'date'; readonly bits: 32 | 64 }
  | { readonly kind: 'timestamp'; readonly unitsPerMs: number }
  /** Values that no column of a model takes, in so many buffers. */
  | { readonly kind: 'other'; readonly buffers: number; readonly name: string }

export interface ArrowField {
  readonly name: string
  readonly type: ArrowType
  /** Where the column holds places in a dictionary of `type`. */
  readonly dictionary?: { readonly id: bigint; readonly index: ArrowType }
}

/** Types by their number in the format; what nests is missing. */
const TYPES: Readonly<Record<number, (type: FlatTable) => ArrowType>> = {
  1: () => ({ kind: 'null' }),
  2: (type) => ({ kind: 'int', bits: oneOf(type.int32(0), [8, 16, 32, 64]), signed: type.uint8(1) !== 0 }),
  3: (type) => ({ kind: 'float', bits: 16 << oneOf(type.int16(0), [0, 1, 2]) }),
  4: () => other('binary', 3),
  5: () => ({ kind: 'text', wide: false }),
  6: () => ({ kind: 'bool' }),
  7: (type) => ({
    kind: 'decimal',
    bits: oneOf(type.int32(2, 128), [32, 64, 128, 256]),
    scale: scaleOf(type.int32(1)),
  }),
  8: (type) => ({ kind: 'date', bits: type.int16(0, 1) === 0 ? 32 : 64 }),
  9: () => other('time', 2),
  10: (type) => ({ kind: 'timestamp', unitsPerMs: 1000 ** (oneOf(type.int16(0), [0, 1, 2, 3]) - 1) }),
  11: () => other('interval', 2),
  15: () => other('fixed-size binary', 2),
  18: () => other('duration', 2),
  19: () => other('large binary', 3),
  20: () => ({ kind: 'text', wide: true }),
  24: () => ({ kind: 'textView' }),
}

const MAX_DECIMAL_DIGITS = 76

const other = (name: string, buffers: number): ArrowType => ({ kind: 'other', name, buffers })

function oneOf(value: number, known: readonly number[]): number {
  if (known.includes(value)) return value
  throw damaged(`a type with the parameter ${value}`)
}

function scaleOf(digits: number): number {
  if (Math.abs(digits) <= MAX_DECIMAL_DIGITS) return digits
  throw damaged(`a decimal of ${digits} digits`)
}

/**
 * The columns of a schema message.
 *
 * @throws REQUEST_INVALID for nested columns and for two of one name, REQUEST_TOO_LARGE for more than `mostColumns`
 */
export function readSchema(schema: FlatTable, mostColumns: number): ArrowField[] {
  if (schema.int16(0) !== 0) throw damaged('big-endian numbers are not read here')
  const { length } = schema.vector(1, 4)
  if (length > mostColumns)
    throw new FivefoldError('REQUEST_TOO_LARGE', `${length} columns; at most ${mostColumns} a request`)
  const fields = schema.tables(1).map(readField)
  const names = new Set<string>()
  for (const { name } of fields) {
    if (names.has(name)) throw new FivefoldError('REQUEST_INVALID', `two columns are named '${name.slice(0, 100)}'`)
    names.add(name)
  }
  return fields
}

function readField(field: FlatTable): ArrowField {
  const name = field.text(0)
  const type = field.table(3)
  const read = TYPES[field.uint8(2)]
  if (!read || !type)
    throw new FivefoldError('REQUEST_INVALID', `column '${name.slice(0, 100)}' holds nested values`, {
      remedy: 'Leave out columns of lists, structures and maps, and run-end encoding.',
    })
  const dictionary = field.table(4)
  if (!dictionary) return { name, type: read(type) }
  const index = dictionary.table(1)
  return {
    name,
    type: read(type),
    dictionary: { id: dictionary.int64(0), index: index ? TYPES[2]!(index) : { kind: 'int', bits: 32, signed: true } },
  }
}
