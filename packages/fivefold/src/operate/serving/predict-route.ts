import type { FastifyInstance, FastifyRequest } from 'fastify'
import { encodePredictions } from './encode-predictions.ts'
import type { Inference } from './inference.ts'
import { ERROR_SCHEMA, exampleCsv, requestSchema, responseSchema } from './model-schema.ts'
import { bodyOf } from './raw-body.ts'
import { type RequestRow, rowsOfCsv, rowsOfJson } from './request-rows.ts'
import { frameOfRows } from './rows-to-frame.ts'

/** `POST /predict`: rows in as JSON or CSV, predictions out. */
export function addPredictRoute(app: FastifyInstance, inference: Inference): void {
  const { model, timed } = inference
  app.post('/predict', { schema: predictSchema(inference) }, async (request, reply) => {
    const { frame, warnings } = timed('decode', () => frameOfRows(rowsOf(request, inference), model.inputs))
    const served = await inference.predict(frame, request.id)
    reply.type('application/json; charset=utf-8')
    return timed('encode', () => encodePredictions(model, served, request.id, warnings))
  })
}

function rowsOf(request: FastifyRequest, { model, limits }: Inference): RequestRow[] {
  const body = bodyOf(request)
  const isCsv = request.headers['content-type']?.startsWith('text/csv') ?? false
  return isCsv ? rowsOfCsv(body, model.inputs, limits.rows) : rowsOfJson(body, model.inputs, limits.rows)
}

function predictSchema({ model, limits }: Inference): object {
  const error = (description: string): object => ({
    description,
    content: { 'application/json': { schema: ERROR_SCHEMA } },
  })
  return {
    operationId: 'predict',
    tags: ['predictions'],
    summary: 'Predict on rows',
    description: `One to ${limits.rows} rows, as {"rows": [...]}, as an array, or a single row. CSV has a header line; an empty cell is missing.`,
    body: {
      content: {
        'application/json': { schema: requestSchema(model) },
        'text/csv': { schema: { type: 'string', example: exampleCsv(model) } },
      },
    },
    response: {
      200: { description: 'Predictions.', content: { 'application/json': { schema: responseSchema(model) } } },
      400: error('The body cannot be read (REQUEST_INVALID).'),
      413: error('Too many bytes or rows (REQUEST_TOO_LARGE).'),
      415: error('Neither JSON nor CSV.'),
      422: error('Rows do not fit the columns of the model (MODEL_INPUT); each issue names row and column.'),
      503: error('Too much work is waiting, or the server is stopping.'),
    },
  }
}
