import { FivefoldError } from '../../../../core/index.ts'

/** Deeper than any model nests; keeps hostile files from exhausting the stack. */
const MAX_NESTING = 64

interface Cursor {
  readonly view: DataView
  at: number
}

/**
 * Universal Binary JSON (draft 12) as XGBoost writes it: objects without counts, arrays with or without a type and a count.
 * Typed arrays of numbers come as Float64Array.
 * @throws MODEL_UNREADABLE
 */
export function parseUbjson(bytes: Uint8Array): unknown {
  const cursor = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), at: 0 }
  const value = readValue(cursor, readMarker(cursor), 0)
  if (cursor.at !== bytes.byteLength) throw malformed(cursor, 'bytes follow the model')
  return value
}

function readMarker(cursor: Cursor): string {
  return String.fromCharCode(cursor.view.getUint8(take(cursor, 1)))
}

/** Moves on by `length` bytes and returns where they begin. */
function take(cursor: Cursor, length: number): number {
  const begin = cursor.at
  if (!(length >= 0 && begin + length <= cursor.view.byteLength)) throw malformed(cursor, 'it ends too early')
  cursor.at = begin + length
  return begin
}

const NUMBERS: Readonly<Record<string, { bytes: number; read: (view: DataView, at: number) => number }>> = {
  i: { bytes: 1, read: (view, at) => view.getInt8(at) },
  U: { bytes: 1, read: (view, at) => view.getUint8(at) },
  I: { bytes: 2, read: (view, at) => view.getInt16(at) },
  l: { bytes: 4, read: (view, at) => view.getInt32(at) },
  L: { bytes: 8, read: (view, at) => Number(view.getBigInt64(at)) },
  d: { bytes: 4, read: (view, at) => view.getFloat32(at) },
  D: { bytes: 8, read: (view, at) => view.getFloat64(at) },
}

function readValue(cursor: Cursor, marker: string, nesting: number): unknown {
  if (nesting > MAX_NESTING) throw malformed(cursor, `values nest deeper than ${MAX_NESTING}`)
  const number = Object.hasOwn(NUMBERS, marker) ? NUMBERS[marker] : undefined
  if (number) return number.read(cursor.view, take(cursor, number.bytes))
  switch (marker) {
    case '{':
      return readObject(cursor, nesting)
    case '[':
      return readArray(cursor, nesting)
    case 'S':
      return readText(cursor)
    case 'C':
      return readMarker(cursor)
    case 'T':
      return true
    case 'F':
      return false
    case 'Z':
      return null
    default:
      throw malformed(cursor, `'${marker}' is no type`)
  }
}

function readObject(cursor: Cursor, nesting: number): Record<string, unknown> {
  const entries: [string, unknown][] = []
  for (;;) {
    if (cursor.at < cursor.view.byteLength && cursor.view.getUint8(cursor.at) === 0x7d) break
    const key = readText(cursor)
    entries.push([key, readValue(cursor, readMarker(cursor), nesting + 1)])
  }
  cursor.at++
  return Object.fromEntries(entries)
}

function readLength(cursor: Cursor): number {
  const marker = readMarker(cursor)
  const length = 'iUIlL'.includes(marker) ? readValue(cursor, marker, 0) : -1
  if (typeof length !== 'number' || length < 0) throw malformed(cursor, 'a length is no whole number')
  return length
}

const decoder = new TextDecoder()

function readText(cursor: Cursor): string {
  const length = readLength(cursor)
  const begin = take(cursor, length)
  return decoder.decode(new Uint8Array(cursor.view.buffer, cursor.view.byteOffset + begin, length))
}

function readArray(cursor: Cursor, nesting: number): unknown {
  let marker = readMarker(cursor)
  const items: unknown[] = []
  if (marker === '$') return readTypedArray(cursor, nesting)
  if (marker === '#') {
    const length = readLength(cursor)
    // Every item takes a byte at least, so that a false length ends at the end of the file.
    for (let i = 0; i < length; i++) items.push(readValue(cursor, readMarker(cursor), nesting + 1))
    return items
  }
  for (; marker !== ']'; marker = readMarker(cursor)) items.push(readValue(cursor, marker, nesting + 1))
  return items
}

function readTypedArray(cursor: Cursor, nesting: number): unknown {
  const type = readMarker(cursor)
  if (readMarker(cursor) !== '#') throw malformed(cursor, 'a typed array has no count')
  const length = readLength(cursor)
  const number = Object.hasOwn(NUMBERS, type) ? NUMBERS[type] : undefined
  if (number === undefined) {
    if (!'SC{['.includes(type)) throw malformed(cursor, `an array of type '${type}'`)
    const items: unknown[] = []
    for (let i = 0; i < length; i++) items.push(readValue(cursor, type, nesting + 1))
    return items
  }
  const begin = take(cursor, length * number.bytes)
  return Float64Array.from({ length }, (_, i) => number.read(cursor.view, begin + i * number.bytes))
}

function malformed(cursor: Cursor, reason: string): FivefoldError {
  return new FivefoldError('MODEL_UNREADABLE', `not UBJSON, near byte ${cursor.at}: ${reason}`)
}
