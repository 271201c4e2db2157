import { FivefoldError } from '../../../core/index.ts'

/** How much a JSON text may hold. What a model has a use for is known before anything is parsed. */
export interface JsonBounds {
  /** Arrays and objects. */
  readonly containers: number
  /** Elements of arrays, all together. */
  readonly elements: number
  /** Keys of objects, all together. */
  readonly keys: number
  /** Different keys. */
  readonly names: number
}

/** Deeper nesting than any request needs; what nests deeper is an attack on a recursive reader. */
const MAX_DEPTH = 32

const QUOTE = 0x22
const BACKSLASH = 0x5c
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET, COMMA, COLON] = [0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a]

/**
 * Counts what a JSON text holds in one pass, without making any of it: fifteen megabytes of empty objects take a parser
 * seconds, in which the server answers nobody. The text need not be valid.
 *
 * @throws REQUEST_INVALID for nesting beyond 32 levels, REQUEST_TOO_LARGE beyond the bounds
 */
export function refuseOversizedJson(text: string, bounds: JsonBounds): void {
  const names = new Set<string>()
  const isArray = new Uint8Array(MAX_DEPTH + 1)
  let [depth, containers, elements, keys] = [0, 0, 0, 0]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = endOfString(text, at)
      if (isKey(text, end)) {
        if (++keys > bounds.keys) throw tooLarge('keys', bounds.keys)
        names.add(text.slice(at, end))
        if (names.size > bounds.names) throw tooLarge('different keys', bounds.names)
      }
      at = end
    } else if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      if (++depth > MAX_DEPTH) throw new FivefoldError('REQUEST_INVALID', `JSON nested deeper than ${MAX_DEPTH} levels`)
      if (++containers > bounds.containers) throw tooLarge('arrays and objects', bounds.containers)
      isArray[depth] = code === OPEN_BRACKET ? 1 : 0
    } else if (code === CLOSE_BRACKET || code === CLOSE_BRACE) {
      if (depth > 0) depth--
    } else if (code === COMMA && isArray[depth] === 1) {
      if (++elements > bounds.elements) throw tooLarge('elements of arrays', bounds.elements)
    }
  }
}

/** Place of the closing quote, or of the end of the text. */
function endOfString(text: string, start: number): number {
  for (let end = start + 1; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === BACKSLASH) end++
    else if (code === QUOTE) return end
  }
  return text.length
}

function isKey(text: string, end: number): boolean {
  let at = end + 1
  while (text.charCodeAt(at) <= 0x20) at++
  return text.charCodeAt(at) === COLON
}

function tooLarge(what: string, limit: number): FivefoldError {
  return new FivefoldError('REQUEST_TOO_LARGE', `more than ${limit} ${what}, which is more than this model takes`, {
    remedy: 'Send fewer rows a request, and only columns that the model takes.',
  })
}

/** Further columns that rows may bring along, to be left out. */
const FURTHER_COLUMNS = 100
const FURTHER_NAMES = 1000

/** Most columns of a request, those included that the model does not take. */
export const mostColumns = (inputs: number): number => inputs + FURTHER_NAMES

/** Bounds of rows as objects. Twice as many as allowed may pass, to be told of in words of rows. */
export const boundsOfRows = (rows: number, inputs: number): JsonBounds => ({
  containers: 2 * rows + 100,
  elements: 2 * rows + 100,
  keys: (rows + 10) * (inputs + FURTHER_COLUMNS),
  names: mostColumns(inputs),
})

/** Containers and elements of tensors whose sizes a model leaves open; the size of the body bounds them further. */
const OPEN_CONTAINERS = 250_000
const OPEN_ELEMENTS = 8_000_000

/** Bounds of tensors for inputs of these shapes, -1 where a size is open; flat or nested as the shape is. */
export function boundsOfTensors(rows: number, shapes: readonly (readonly number[])[]): JsonBounds {
  const inputs = shapes.length
  const isOpen = shapes.some((shape) => shape.slice(1).includes(-1))
  const most = (perRow: number, open: number): number => (isOpen ? Math.max(perRow * rows, open) : perRow * rows)
  const perRow = shapes.reduce((sum, shape) => sum + Math.abs(shape.slice(1).reduce((a, b) => a * b, 1)), 0)
  const nested = shapes.reduce((sum, shape) => sum + listsOfRow(shape.slice(1)), 0)
  return {
    containers: most(nested, OPEN_CONTAINERS) + 20 * (inputs + 1) + FURTHER_NAMES,
    elements: most(2 * perRow, OPEN_ELEMENTS) + 20 * (inputs + 1) + FURTHER_NAMES,
    keys: 20 * (inputs + 1) + FURTHER_NAMES,
    names: mostColumns(inputs),
  }
}

/** Arrays that nest the values of one row: of [2, 3] it is one of two, and two of three. */
function listsOfRow(inner: readonly number[]): number {
  let [lists, level] = [1, 1]
  for (const size of inner.slice(0, -1)) {
    level *= Math.abs(size)
    lists += level
  }
  return lists
}
