import type { Servable, Tensors } from '../../model/servable.ts'
import { decodeColumns, decodeInstances } from './instances.ts'
import { STRICT_JSON } from './json-of-tensor.ts'
import { type BodyLimits, isObject, type JsonBody } from './parse-body.ts'
import { encodeColumns, encodeRows, rowTexts } from './predictions.ts'
import { rowsOfSplit } from './split-rows.ts'

/** What a JSON body holds, which decides the form of its answer: one prediction, a list, or one of the envelopes. */
export type AnswerForm = 'one' | 'list' | 'predictions' | 'outputs'

interface EnvelopeRequest {
  readonly form: AnswerForm
  readonly feeds: Tensors
}

type Opening = (content: unknown, model: Servable, limits: BodyLimits) => EnvelopeRequest

const instances =
  (form: AnswerForm): Opening =>
  (content, model, limits) => ({ form, feeds: decodeInstances(content, model, limits) })

/** What each envelope holds, and what it is answered with. */
const OPENINGS = {
  instances: instances('predictions'),
  data: instances('list'),
  inputs: (content, model, limits) => ({ form: 'outputs', feeds: decodeColumns(content, model, limits) }),
  dataframe_records: instances('predictions'),
  dataframe_split: (content, model, limits) =>
    instances('predictions')(rowsOfSplit(content, 'dataframe_split'), model, limits),
} as const satisfies Record<string, Opening>

export type Envelope = keyof typeof OPENINGS

/**
 * A JSON body that is one instance, a list of instances, or an object with one of `envelopes` as its only key. Where the model
 * takes something of that name, the object is an instance.
 *
 * @throws REQUEST_INVALID, REQUEST_TOO_LARGE, MODEL_INPUT
 */
export function decodeEnvelope(
  { value, limits }: JsonBody,
  model: Servable,
  envelopes: readonly Envelope[],
): EnvelopeRequest {
  if (Array.isArray(value)) return instances('list')(value, model, limits)
  const keys = isObject(value) ? Object.keys(value) : []
  const envelope = envelopes.find((name) => keys.length === 1 && keys[0] === name)
  if (envelope === undefined || model.inputs.some(({ name }) => name === envelope))
    return instances('one')([value], model, limits)
  return OPENINGS[envelope]((value as Record<string, unknown>)[envelope], model, limits)
}

/** The answer to a body of that form, as strict JSON: what is not finite is null. */
export function encodeAnswer(outputs: Tensors, model: Servable, form: AnswerForm): string {
  if (form === 'one') return rowTexts(outputs, model, STRICT_JSON)[0] ?? 'null'
  if (form === 'outputs') return `{"outputs":${encodeColumns(outputs, model, STRICT_JSON)}}`
  const list = encodeRows(outputs, model, STRICT_JSON)
  return form === 'list' ? list : `{"predictions":${list}}`
}
