import type { Servable } from '../../model/servable.ts'
import { boundsOfRows, boundsOfTensors, type JsonBounds } from '../../wire/json-bounds.ts'
import { parseJsonExactly } from '../../wire/parse-json.ts'

/** How much of a request is read. */
export interface BodyLimits {
  /** Most rows. */
  readonly rows: number
  /** Elements that the body can hold at all, however large the shapes are that it claims. */
  readonly elements: number
}

export interface JsonBody {
  readonly value: unknown
  readonly limits: BodyLimits
}

/**
 * Reads a JSON body for a model, with 64-bit integers exact and NaN, Infinity and -Infinity as numbers.
 *
 * @throws REQUEST_INVALID, REQUEST_TOO_LARGE
 */
export function parseBody(body: Buffer, model: Servable, rows: number): JsonBody {
  return { value: parseJsonExactly(body, boundsOf(model, rows)), limits: { rows, elements: body.length } }
}

/** Values may come as objects by row or as nested lists, and texts as {"b64": ...}, each an object with a key. */
function boundsOf({ inputs }: Servable, maxRows: number): JsonBounds {
  const rows = boundsOfRows(maxRows, inputs.length)
  const tensors = boundsOfTensors(
    maxRows,
    inputs.map(({ shape }) => shape),
  )
  const encoded = inputs.some(({ type }) => type === 'string') ? tensors.elements : 0
  return {
    containers: rows.containers + tensors.containers + encoded,
    elements: rows.elements + tensors.elements,
    keys: rows.keys + tensors.keys + encoded,
    names: rows.names,
  }
}

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What a JSON value is, for messages. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return 'a text'
  return typeof value === 'boolean' ? 'a boolean' : `the number ${value}`
}
