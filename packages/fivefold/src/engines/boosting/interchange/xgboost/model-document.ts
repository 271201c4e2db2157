/** A value of XGBoost's model schema; the kind of array decides the type of the numbers in UBJSON. */
export type DocumentValue =
  | string
  | number
  | Float32Array
  | Int32Array
  | Uint8Array
  | BigInt64Array
  | readonly DocumentValue[]
  | { readonly [key: string]: DocumentValue }

/** XGBoost's parser takes floats of at most nine digits, which is what float32 needs. */
const MAX_DIGITS = 9
const COMMON_DIGITS = 7

/** As JSON. Floats have an exponent: XGBoost takes a number without one for an integer. */
export function toJsonText(value: DocumentValue): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') return String(value)
  if (value instanceof Float32Array) return `[${Array.from(value, floatText).join(',')}]`
  if (isTyped(value)) return `[${value.join(',')}]`
  if (isList(value)) return `[${value.map(toJsonText).join(',')}]`
  return `{${Object.entries(value)
    .map(([key, item]) => `${JSON.stringify(key)}:${toJsonText(item)}`)
    .join(',')}}`
}

export function floatText(value: number): string {
  if (value === 0) return '0E0'
  const short = value.toExponential(COMMON_DIGITS - 1)
  const text = Math.fround(Number(short)) === value ? short : value.toExponential(MAX_DIGITS - 1)
  return text.replace('e+', 'E').replace('e', 'E')
}

export function isTyped(value: DocumentValue): value is Int32Array | Uint8Array | BigInt64Array | Float32Array {
  return ArrayBuffer.isView(value)
}

export function isList(value: DocumentValue): value is readonly DocumentValue[] {
  return Array.isArray(value)
}
