import type { FastifyInstance } from 'fastify'
import { FivefoldError } from '../../../../core/index.ts'
import type { Servable, Tensors } from '../../model/servable.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import { answerOf, contentOf, INFERENCE_REFUSALS, objectOf, refusalsOf, TEXT } from '../../wire/describe-route.ts'
import { bodyOf } from '../../wire/raw-body.ts'
import { answerErrorsAs, answerInference, readAnyBody } from '../protocol-routes.ts'
import { decodeInstances } from '../values/instances.ts'
import { STRICT_JSON } from '../values/json-of-tensor.ts'
import { isObject, parseBody } from '../values/parse-body.ts'
import { encodeRows } from '../values/predictions.ts'
import { rowsOfSplit } from '../values/split-rows.ts'
import { examplesOf, instancesSchema, predictionSchema } from '../values/value-schemas.ts'

/** An online endpoint of Azure Machine Learning, for the default model. */
export async function addAzure(app: FastifyInstance, serving: ServingContext): Promise<void> {
  const { repository, limits, example } = serving
  answerErrorsAs(({ message }) => ({ message }), app, serving)
  readAnyBody(app)
  app.post('/score', { schema: scoreSchema(example) }, async (request, reply) => {
    const text = await answerInference(request, reply, repository.endpoint(), serving, (model) => ({
      feeds: decodeScore(bodyOf(request), model, limits.rows),
      encode: (outputs) => encodeRows(outputs, model, STRICT_JSON),
    }))
    return reply.header('x-ms-request-id', request.id).type('application/json').send(text)
  })
}

/**
 * `{"data": [...]}`, `{"input_data": [...]}`, a bare list, or `{"input_data": {"columns", "data"}}`, which is how endpoints of
 * MLflow models are called. The answer is a list.
 */
function decodeScore(body: Buffer, model: Servable, rows: number): Tensors {
  const { value, limits } = parseBody(body, model, rows)
  return decodeInstances(instancesOf(value), model, limits)
}

function instancesOf(request: unknown): unknown {
  if (Array.isArray(request)) return request
  const { data, input_data } = isObject(request) ? request : {}
  if ((data === undefined) === (input_data === undefined))
    throw new FivefoldError('REQUEST_INVALID', "expecting one of 'data' and 'input_data'")
  if (input_data === undefined) return data
  return Array.isArray(input_data) ? input_data : rowsOfSplit(input_data, 'input_data')
}

function scoreSchema(example: Servable | undefined): object {
  const list = instancesSchema(example)
  const table = objectOf({ columns: { type: 'array', items: TEXT }, data: { type: 'array' } })
  const forms = [
    list,
    objectOf({ data: list }, { not: { required: ['input_data'] } }),
    objectOf({ input_data: example?.table ? { anyOf: [list, table] } : list }, { not: { required: ['data'] } }),
  ]
  return {
    tags: ['azure ml'],
    summary: 'Predict with the default model',
    description:
      'A list of instances, under `data` or `input_data`; of a bundle also {"input_data": {"columns", "data"}}.',
    body: contentOf({ anyOf: forms, ...examplesOf(example, (instance) => ({ data: [instance] })) }),
    response: {
      200: answerOf('One entry for each instance.', { type: 'array', items: predictionSchema(example) }),
      ...refusalsOf(objectOf({ message: TEXT }), INFERENCE_REFUSALS),
    },
  }
}
