import { FivefoldError } from '../../../../core/index.ts'

// Reading of parsed JSON and the like, of which nothing is known. Paths are for messages.

export type Fields = Readonly<Record<string, unknown>>

export function asFields(value: unknown, path: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    throw wrong(path, 'an object')
  return value as Fields
}

export function fieldsAt(fields: Fields, key: string, path: string): Fields {
  return asFields(own(fields, key), `${path}.${key}`)
}

export function textAt(fields: Fields, key: string, path: string): string {
  const value = own(fields, key)
  if (typeof value !== 'string') throw wrong(`${path}.${key}`, 'text')
  return value
}

/** A number, or text that is one, as XGBoost writes its parameters. */
export function numberAt(fields: Fields, key: string, path: string, otherwise?: number): number {
  const value = own(fields, key)
  if (value === undefined && otherwise !== undefined) return otherwise
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) throw wrong(`${path}.${key}`, 'a number')
  return number
}

/** A list of anything; [] where it is not there and may be missing. */
export function listAt(fields: Fields, key: string, path: string, optional = false): readonly unknown[] {
  const value = own(fields, key)
  if (value === undefined && optional) return []
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as unknown as number[])
  if (!Array.isArray(value)) throw wrong(`${path}.${key}`, 'a list')
  return value
}

export function textsAt(fields: Fields, key: string, path: string, optional = false): readonly string[] {
  const list = listAt(fields, key, path, optional)
  if (!list.every((value) => typeof value === 'string')) throw wrong(`${path}.${key}`, 'a list of texts')
  return list
}

/** Numbers, booleans as 0 and 1, and null as NaN; of the given length where one is given. */
export function numbersAt(fields: Fields, key: string, path: string, length?: number): ArrayLike<number> {
  const value = own(fields, key)
  const numbers = toNumbers(value)
  if (numbers === undefined) throw wrong(`${path}.${key}`, 'a list of numbers')
  if (length !== undefined && numbers.length !== length) throw wrong(`${path}.${key}`, `${length} numbers`)
  return numbers
}

function toNumbers(value: unknown): ArrayLike<number> | undefined {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return value as unknown as ArrayLike<number>
  if (!Array.isArray(value)) return undefined
  if (value.every((item) => typeof item === 'number')) return value
  const isNumeric = (item: unknown): boolean => item === null || typeof item === 'boolean' || typeof item === 'number'
  return value.every(isNumeric) ? value.map((item) => (item === null ? Number.NaN : Number(item))) : undefined
}

function own(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined
}

function wrong(path: string, expected: string): FivefoldError {
  return new FivefoldError('MODEL_UNREADABLE', `${path} is not ${expected}`)
}

/** Texts, which stay, and what is no JSON between them. */
const TEXT_OR_SPECIAL = /"(?:[^"\\]|\\.)*"|NaN|Infinity/g

/** JSON in which NaN (null then) and Infinity may stand, as XGBoost and Python write them. */
export function parseJson(text: string, library: string): unknown {
  const isPlain = !text.includes('NaN') && !text.includes('Infinity')
  const special = (token: string): string => (token === 'NaN' ? 'null' : token === 'Infinity' ? '1e999' : token)
  try {
    return JSON.parse(isPlain ? text : text.replace(TEXT_OR_SPECIAL, special))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FivefoldError('MODEL_UNREADABLE', `not a model of ${library}: ${reason}`, { cause })
  }
}
