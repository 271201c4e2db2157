import { z } from 'zod'
import { FivefoldError } from '../../../core/index.ts'
import { boundsOfTensors } from '../json-bounds.ts'
import { parseJsonExactly } from '../parse-json.ts'
import { readBinaryTensor } from './binary-tensors.ts'
import { cellOfJson, isTensorDatatype, type TensorCell, type TensorDatatype } from './tensor-types.ts'

const parameters = z.record(z.string(), z.unknown())

/** The request as the protocol has it; `data` is held against shape and datatype afterwards. */
export const inferRequestSchema = z.object({
  id: z.string().optional(),
  parameters: parameters.optional(),
  inputs: z
    .array(
      z.object({
        name: z.string(),
        shape: z.array(z.number().int().nonnegative()).min(1).max(8),
        datatype: z.string(),
        parameters: parameters.optional(),
        data: z.unknown().optional(),
      }),
    )
    .min(1),
  outputs: z.array(z.object({ name: z.string(), parameters: parameters.optional() })).optional(),
})

export type InferRequest = z.infer<typeof inferRequestSchema>
type RequestInput = InferRequest['inputs'][number]

/** A tensor of one value a row. */
export interface ColumnTensor {
  readonly name: string
  readonly datatype: TensorDatatype
  readonly cells: readonly TensorCell[]
}

export interface ReadInferRequest {
  readonly request: InferRequest
  readonly tensors: readonly ColumnTensor[]
}

/**
 * Reads a body of `POST /v2/models/{model}/infer`.
 *
 * @param headerLength value of the header `Inference-Header-Content-Length`: how many bytes of the body are JSON, with
 *   the bytes of binary tensors after them; undefined where all of it is JSON
 * @param columns how many the model takes, which bounds what is read
 * @throws REQUEST_INVALID, REQUEST_TOO_LARGE
 */
export function readInferRequest(
  body: Buffer,
  headerLength: string | undefined,
  maxRows: number,
  columns: number,
): ReadInferRequest {
  const jsonBytes = headerLength === undefined ? body.length : parseLength(headerLength, body.length)
  const request = checkRequest(parseJsonExactly(body.subarray(0, jsonBytes), boundsOfTensors(maxRows, columns)))
  const rest = { bytes: body.subarray(jsonBytes), at: 0 }
  const tensors = request.inputs.map((input) => readTensor(input, rest, maxRows))
  if (rest.at !== rest.bytes.length)
    throw new FivefoldError('REQUEST_INVALID', `${rest.bytes.length - rest.at} bytes after the last binary tensor`)
  refuseTwice(request)
  return { request, tensors }
}

function parseLength(header: string, bodyBytes: number): number {
  const length = /^\d{1,12}$/.test(header) ? Number(header) : Number.NaN
  if (length <= bodyBytes) return length
  throw new FivefoldError(
    'REQUEST_INVALID',
    `Inference-Header-Content-Length '${header.slice(0, 20)}' is not in the body`,
  )
}

function checkRequest(value: unknown): InferRequest {
  const result = inferRequestSchema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  throw new FivefoldError('REQUEST_INVALID', `${issue.path.map(String).join('.') || 'body'}: ${issue.message}`)
}

function refuseTwice({ inputs }: InferRequest): void {
  const names = new Set<string>()
  for (const { name } of inputs) {
    if (names.has(name)) throw new FivefoldError('REQUEST_INVALID', `input '${name}' is given twice`)
    names.add(name)
  }
}

interface Rest {
  readonly bytes: Buffer
  at: number
}

function readTensor(input: RequestInput, rest: Rest, maxRows: number): ColumnTensor {
  const { name, datatype } = input
  if (!isTensorDatatype(datatype))
    throw new FivefoldError('REQUEST_INVALID', `input '${name}': datatype '${datatype.slice(0, 40)}' is not known`)
  const count = rowsOfShape(input, maxRows)
  const size = input.parameters?.binary_data_size
  const cells = size === undefined ? jsonCells(input, datatype, count) : binaryCells(input, datatype, count, size, rest)
  return { name, datatype, cells }
}

/** A raw column is one value a row: shape [N] or [N, 1]. */
function rowsOfShape({ name, shape }: RequestInput, maxRows: number): number {
  const rows = shape[0]!
  if (rows > maxRows)
    throw new FivefoldError('REQUEST_TOO_LARGE', `input '${name}': ${rows} rows; at most ${maxRows} a request`)
  if (rows === 0 || shape.slice(1).some((size) => size !== 1))
    throw new FivefoldError('REQUEST_INVALID', `input '${name}': shape [${shape}] is not [rows, 1]`)
  return rows
}

function jsonCells({ name, shape, data }: RequestInput, datatype: TensorDatatype, count: number): TensorCell[] {
  const flat = flatten(data, shape)
  if (flat?.length !== count)
    throw new FivefoldError('REQUEST_INVALID', `input '${name}': data does not fill the shape [${shape}]`)
  return flat.map((value, i) => {
    const cell = cellOfJson(value, datatype)
    if (cell === undefined)
      throw new FivefoldError('REQUEST_INVALID', `input '${name}': element ${i} is not a value of ${datatype}`)
    return cell
  })
}

/** Row-major elements of data that is flat, or nested exactly as the shape says; undefined for anything else. */
function flatten(data: unknown, shape: readonly number[]): unknown[] | undefined {
  if (!Array.isArray(data)) return undefined
  if (!data.some(Array.isArray)) return data
  const [size, ...inner] = shape
  if (data.length !== size || inner.length === 0) return undefined
  const parts = data.map((part) => flatten(part, inner))
  if (parts.some((part) => part?.length !== inner.reduce((a, b) => a * b, 1))) return undefined
  return parts.flatMap((part) => part ?? [])
}

function binaryCells(
  { name, data }: RequestInput,
  datatype: TensorDatatype,
  count: number,
  size: unknown,
  rest: Rest,
): TensorCell[] {
  if (data !== undefined) throw new FivefoldError('REQUEST_INVALID', `input '${name}' has both data and binary data`)
  const end = rest.at + Number(size)
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 0 || end > rest.bytes.length)
    throw new FivefoldError('REQUEST_INVALID', `input '${name}': its binary_data_size reaches beyond the body`)
  const cells = readBinaryTensor(rest.bytes.subarray(rest.at, end), datatype, count, name)
  rest.at = end
  return cells
}
