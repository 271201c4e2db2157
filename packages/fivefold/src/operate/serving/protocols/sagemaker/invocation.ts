import { FivefoldError } from '../../../../core/index.ts'
import type { Servable, Tensors } from '../../model/servable.ts'
import { joinLines } from '../../wire/json-lines.ts'
import { type AnswerForm, decodeEnvelope, encodeAnswer } from '../values/envelopes.ts'
import { decodeInstances, refuseRows } from '../values/instances.ts'
import { STRICT_JSON } from '../values/json-of-tensor.ts'
import { parseBody } from '../values/parse-body.ts'
import { rowTexts } from '../values/predictions.ts'
import { decodeCsv, encodeCsv } from './csv-body.ts'
import type { MediaType } from './media-types.ts'

export interface Invocation {
  /** Of a JSON answer. */
  readonly form: AnswerForm
  readonly feeds: Tensors
}

/** @throws REQUEST_INVALID, REQUEST_TOO_LARGE, MODEL_INPUT */
export function decodeInvocation(body: Buffer, type: MediaType, model: Servable, rows: number): Invocation {
  if (type === 'text/csv') return { form: 'list', feeds: decodeCsv(body, model, rows) }
  if (type === 'application/jsonlines') return { form: 'list', feeds: decodeLines(body, model, rows) }
  return decodeEnvelope(parseBody(body, model, rows), model, [
    'instances',
    'inputs',
    'dataframe_split',
    'dataframe_records',
  ])
}

function decodeLines(body: Buffer, model: Servable, rows: number): Tensors {
  const { list, count } = joinLines(body)
  refuseRows(count, { rows })
  const { value, limits } = parseBody(list, model, rows)
  if (!Array.isArray(value) || value.length !== count)
    throw new FivefoldError('REQUEST_INVALID', 'a line is not one JSON value')
  return decodeInstances(value, model, limits)
}

export function encodeInvocation(outputs: Tensors, type: MediaType, model: Servable, form: AnswerForm): string {
  if (type === 'text/csv') return encodeCsv(outputs, model)
  if (type === 'application/jsonlines')
    return rowTexts(outputs, model, STRICT_JSON)
      .map((line) => `${line}\n`)
      .join('')
  return encodeAnswer(outputs, model, form)
}
