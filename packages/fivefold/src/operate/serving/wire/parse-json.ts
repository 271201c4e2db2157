import { FivefoldError } from '../../../core/index.ts'
import { type ExactValue, parseExactJson } from './exact-json.ts'
import { type JsonBounds, refuseOversizedJson } from './json-bounds.ts'

/**
 * Reads JSON from an untrusted sender. Refused: more than the bounds, nesting beyond 32 levels, and keys that could reach
 * a prototype (`__proto__`, or `constructor` holding `prototype`). A byte order mark is dropped.
 *
 * @throws REQUEST_INVALID, REQUEST_TOO_LARGE
 */
export function parseJson(body: Uint8Array, bounds: JsonBounds): unknown {
  const text = decodeUtf8(body)
  refuseOversizedJson(text, bounds)
  const value = nativeParse(text)
  if (MAYBE_POISON.test(text)) refusePoison(value, [])
  return value
}

/**
 * The same, with integers beyond 2^53 as bigints, and with the tokens NaN, Infinity and -Infinity that Python's json
 * module writes.
 */
export function parseJsonExactly(body: Uint8Array, bounds: JsonBounds): ExactValue {
  const text = decodeUtf8(body)
  refuseOversizedJson(text, bounds)
  const value = NEEDS_EXACT.test(text) ? parseExactJson(text) : (nativeParse(text) as ExactValue)
  if (MAYBE_POISON.test(text)) refusePoison(value, [])
  return value
}

/**
 * Sixteen digits and no point or exponent may be an integer that a double cannot hold; fractions of seventeen digits are
 * what Python writes every day, and doubles hold them. The tokens are no JSON for the native parser.
 */
const NEEDS_EXACT = /[[,:\s-]\d{16,}[\],}\s]|NaN|Infinity/
/** A key with a unicode escape might spell anything, so it is looked at too. */
const MAYBE_POISON = /__proto__|constructor|\\u/

function decodeUtf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (cause) {
    throw new FivefoldError('REQUEST_INVALID', 'the body is not UTF-8', { cause, remedy: 'Send the body as UTF-8.' })
  }
}

function nativeParse(text: string): unknown {
  if (text.trim() === '') throw new FivefoldError('REQUEST_INVALID', 'the body is empty where JSON is expected')
  try {
    return JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new FivefoldError('REQUEST_INVALID', `the body is not JSON: ${reason}`, { cause })
  }
}

function refusePoison(value: unknown, path: (string | number)[]): void {
  if (typeof value !== 'object' || value === null) return
  for (const key of Object.keys(value)) {
    const inner = (value as Record<string, unknown>)[key]
    if (key === '__proto__' || (key === 'constructor' && isObjectWith(inner, 'prototype')))
      throw new FivefoldError('REQUEST_INVALID', `the key '${key}' is not allowed`, {
        issues: [{ path: [...path, key], message: 'this key could reach the prototype of objects' }],
      })
    if (typeof inner !== 'object') continue
    path.push(key)
    refusePoison(inner, path)
    path.pop()
  }
}

function isObjectWith(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
}
