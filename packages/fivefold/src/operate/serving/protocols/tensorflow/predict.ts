import { FivefoldError } from '../../../../core/index.ts'
import type { Servable, Tensors } from '../../model/servable.ts'
import { decodeColumns, decodeInstances } from '../values/instances.ts'
import { PYTHON_JSON } from '../values/json-of-tensor.ts'
import { isObject, parseBody } from '../values/parse-body.ts'
import { encodeColumns, encodeRows } from '../values/predictions.ts'
import { checkSignature } from './signature.ts'

/** Rows one by one, or whole columns; the answer has the form of the request. */
type PredictForm = 'row' | 'column'

export interface PredictRequest {
  readonly form: PredictForm
  readonly feeds: Tensors
}

/**
 * The body of `:predict`: `{"signature_name"?, "instances": [...]}` or `{"signature_name"?, "inputs": ...}`.
 *
 * @throws REQUEST_INVALID, REQUEST_TOO_LARGE, MODEL_INPUT
 */
export function decodePredict(body: Buffer, model: Servable, rows: number): PredictRequest {
  const { value: request, limits } = parseBody(body, model, rows)
  if (!isObject(request)) throw invalid('the JSON value is not an object')
  checkSignature(request.signature_name)
  const { instances, inputs } = request
  if (instances !== undefined && inputs !== undefined)
    throw invalid("Not formatted correctly expecting only one of 'inputs' or 'instances' keys to exist")
  if (instances !== undefined) return { form: 'row', feeds: decodeInstances(instances, model, limits) }
  if (inputs !== undefined) return { form: 'column', feeds: decodeColumns(inputs, model, limits) }
  throw invalid("Missing 'inputs' or 'instances' key")
}

/** The answer: `{"predictions": [...]}` to rows, `{"outputs": ...}` to columns. */
export function encodePredict(outputs: Tensors, model: Servable, form: PredictForm): string {
  if (form === 'row') return `{"predictions":${encodeRows(outputs, model, PYTHON_JSON)}}`
  return `{"outputs":${encodeColumns(outputs, model, PYTHON_JSON)}}`
}

const invalid = (message: string): FivefoldError => new FivefoldError('REQUEST_INVALID', message)
