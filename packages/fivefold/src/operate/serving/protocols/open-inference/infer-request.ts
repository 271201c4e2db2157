import { FivefoldError } from '../../../../core/index.ts'
import { elementCount, type TensorLiteral } from '../../../../onnx/index.ts'
import type { ExactValue } from '../../wire/exact-json.ts'
import type { JsonBounds } from '../../wire/json-bounds.ts'
import { tensorOfJson } from '../../wire/json-tensors.ts'
import { parseJsonExactly } from '../../wire/parse-json.ts'
import { readBinaryTensor } from './binary-tensors.ts'
import { elementTypeOfDatatype } from './tensor-types.ts'

/** A request of the protocol; its tensors are decoded, and not yet held against the model. */
export interface InferRequest {
  readonly id?: string
  readonly parameters?: JsonObject
  readonly tensors: Readonly<Record<string, TensorLiteral>>
  /** Absent where the request asks for every output. */
  readonly outputs?: readonly RequestedOutput[]
  /** Whether outputs go in binary where the request does not say so of each. */
  readonly binaryByDefault: boolean
}

export interface RequestedOutput {
  readonly name: string
  readonly binary: boolean
}

type JsonObject = { readonly [key: string]: ExactValue }

/**
 * Reads a body of `POST /v2/models/{model}/infer`.
 *
 * @param headerLength value of the header `Inference-Header-Content-Length`: how many bytes of the body are JSON, with
 *   the bytes of binary tensors after them; undefined where all of it is JSON
 * @param bounds of what the model has a use for
 * @throws REQUEST_INVALID, REQUEST_TOO_LARGE
 */
export function readInferRequest(body: Buffer, headerLength: string | undefined, bounds: JsonBounds): InferRequest {
  const jsonBytes = headerLength === undefined ? body.length : parseLength(headerLength, body.length)
  const json = parseJsonExactly(jsonBytes === body.length ? body : body.subarray(0, jsonBytes), bounds)
  const request = objectOf(json, 'body')
  const { id, parameters, inputs, outputs } = request
  if (id !== undefined && typeof id !== 'string') throw invalid("'id' is not text")
  const own = parameters === undefined ? undefined : objectOf(parameters, 'parameters')
  return {
    ...(id === undefined ? {} : { id }),
    ...(own === undefined ? {} : { parameters: own }),
    tensors: readTensors(inputs, { body, at: jsonBytes, most: jsonBytes }),
    ...readOutputs(outputs, own?.binary_data_output === true),
  }
}

function parseLength(header: string, bodyBytes: number): number {
  const length = /^\d{1,12}$/.test(header) ? Number(header) : Number.NaN
  if (length <= bodyBytes) return length
  throw invalid(`Inference-Header-Content-Length '${header.slice(0, 20)}' is not in the body`)
}

/** Where the next binary tensor begins. */
interface Reading {
  readonly body: Buffer
  at: number
  /** Elements that the JSON can hold at all. */
  readonly most: number
}

function readTensors(inputs: ExactValue | undefined, reading: Reading): Record<string, TensorLiteral> {
  if (!Array.isArray(inputs) || inputs.length === 0) throw invalid("'inputs' is not a list of tensors")
  const tensors: Record<string, TensorLiteral> = Object.create(null)
  inputs.forEach((value, i) => {
    const input = objectOf(value, `inputs.${i}`)
    const { name } = input
    if (typeof name !== 'string') throw invalid(`inputs.${i}: 'name' is not text`)
    if (name in tensors) throw invalid(`input '${name}' is given twice`)
    tensors[name] = readTensor(input, name, reading)
  })
  if (reading.at !== reading.body.length)
    throw invalid(`${reading.body.length - reading.at} bytes after the last binary tensor`)
  return tensors
}

function readTensor(input: JsonObject, name: string, reading: Reading): TensorLiteral {
  const type = typeof input.datatype === 'string' ? elementTypeOfDatatype(input.datatype) : undefined
  if (type === undefined)
    throw invalid(`input '${name}': datatype '${String(input.datatype).slice(0, 40)}' is not known`)
  const shape = readShape(input.shape, name)
  const { parameters } = input
  const size = parameters === undefined ? undefined : objectOf(parameters, `input '${name}'`).binary_data_size
  if (size === undefined) return tensorOfJson(type, shape, input.data, reading.most, `input '${name}'`)
  if (input.data !== undefined) throw invalid(`input '${name}' has both data and binary data`)
  const end = reading.at + Number(size)
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || end > reading.body.length)
    throw invalid(`input '${name}': its binary_data_size reaches beyond the body`)
  const tensor = readBinaryTensor(reading.body.subarray(reading.at, end), type, shape, name)
  reading.at = end
  return tensor
}

/** More dimensions than any model has. */
const MAX_RANK = 16

function readShape(shape: ExactValue | undefined, name: string): readonly number[] {
  if (!Array.isArray(shape) || shape.length > MAX_RANK) throw invalid(`input '${name}': 'shape' is not a list of sizes`)
  for (const size of shape)
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
      throw invalid(`input '${name}': the shape [${shape.join().slice(0, 100)}] holds what is no size`)
  const sizes = shape as number[]
  // A product of doubles cannot wrap round as one of integers can: too many elements are too many.
  if (elementCount(sizes) > Number.MAX_SAFE_INTEGER)
    throw invalid(`input '${name}': the shape [${sizes}] holds more elements than can be counted`)
  return sizes
}

function readOutputs(
  outputs: ExactValue | undefined,
  byDefault: boolean,
): Pick<InferRequest, 'outputs' | 'binaryByDefault'> {
  const binaryByDefault = byDefault
  if (outputs === undefined || (Array.isArray(outputs) && outputs.length === 0)) return { binaryByDefault }
  if (!Array.isArray(outputs)) throw invalid("'outputs' is not a list")
  const read = outputs.map((value, i) => readOutput(value, i, byDefault))
  // Each output is encoded once for each time it is asked for: a small request must not make a huge answer.
  if (new Set(read.map(({ name }) => name)).size < read.length) throw invalid('an output is asked for twice')
  return { outputs: read, binaryByDefault }
}

function readOutput(value: ExactValue, i: number, byDefault: boolean): RequestedOutput {
  const { name, parameters } = objectOf(value, `outputs.${i}`)
  if (typeof name !== 'string') throw invalid(`outputs.${i}: 'name' is not text`)
  const own = parameters === undefined ? undefined : objectOf(parameters, `outputs.${i}`).binary_data
  return { name, binary: typeof own === 'boolean' ? own : byDefault }
}

function objectOf(value: ExactValue, place: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw invalid(`${place}: not an object`)
}

const invalid = (message: string): FivefoldError => new FivefoldError('REQUEST_INVALID', message)
