import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FivefoldError } from '../../../../core/index.ts'
import type { TableFace, TensorSpec, Tensors } from '../../model/servable.ts'
import type { ModelEndpoint } from '../../runtime/model-repository.ts'
import { inferOptionsOf } from '../../server/request-signal.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import { jsonOfPredictions } from '../../tables/encode-predictions.ts'
import { type RequestRow, rowsOfCsv, rowsOfJson } from '../../tables/request-rows.ts'
import { feedsOfRows } from '../../tables/row-feeds.ts'
import type { ExactValue } from '../../wire/exact-json.ts'
import { boundsOfTensors } from '../../wire/json-bounds.ts'
import { jsonOfElements, shapeOfJson, tensorOfJson } from '../../wire/json-tensors.ts'
import { parseJsonExactly } from '../../wire/parse-json.ts'
import { bodyOf } from '../../wire/raw-body.ts'
import { ERROR_SCHEMA, exampleCsv, requestSchema, responseSchema } from './model-schema.ts'

interface ModelParams {
  readonly model?: string
  readonly version?: string
}

/**
 * `POST /predict` for the default model, `/models/{model}/predict` and `/models/{model}/versions/{version}/predict` for
 * each: rows as JSON or CSV where the model is a bundle, else `{"inputs": {name: nested arrays}}`.
 */
export function addPredictRoutes(app: FastifyInstance, serving: ServingContext, table?: TableFace): void {
  const handler = (request: FastifyRequest<{ Params: ModelParams }>, reply: FastifyReply): Promise<FastifyReply> =>
    predict(request, reply, serving)
  app.post('/predict', { schema: predictSchema(serving, table) }, handler)
  const named = { tags: ['predictions'], summary: 'Predict with a model by its name' }
  app.post<{ Params: ModelParams }>('/models/:model/predict', { schema: named }, handler)
  app.post<{ Params: ModelParams }>('/models/:model/versions/:version/predict', { schema: named }, handler)
}

async function predict(
  request: FastifyRequest<{ Params: ModelParams }>,
  reply: FastifyReply,
  serving: ServingContext,
): Promise<FastifyReply> {
  const { model, version } = request.params
  const endpoint = serving.repository.endpoint(model, version)
  const answer = endpoint.model.table
    ? await predictRows(request, reply, serving, endpoint, endpoint.model.table)
    : await predictTensors(request, reply, serving, endpoint)
  return reply.type('application/json; charset=utf-8').send(answer)
}

async function predictRows(
  request: FastifyRequest,
  reply: FastifyReply,
  { limits, metrics }: ServingContext,
  endpoint: ModelEndpoint,
  table: TableFace,
): Promise<string> {
  const measured = metrics.of(endpoint.model)
  const startMs = performance.now()
  const { feeds, warnings } = feedsOfRows(rowsOf(request, table, limits.rows), table.columns)
  measured.stage('decode', performance.now() - startMs)
  const answer = await endpoint.infer(feeds, inferOptionsOf(request, reply))
  const answeredMs = performance.now()
  const more = warnings.length > 0 ? `,"warnings":${JSON.stringify(warnings)}` : ''
  const body = `{${headOf(endpoint)},"predictions":${jsonOfPredictions(answer, table)},"requestId":${JSON.stringify(request.id)}${more}}`
  measured.stage('encode', performance.now() - answeredMs)
  return body
}

const headOf = ({ model: { name, version } }: ModelEndpoint): string =>
  `"model":${JSON.stringify(name)},"version":${JSON.stringify(version)}`

function rowsOf(request: FastifyRequest, { columns }: TableFace, maxRows: number): RequestRow[] {
  const body = bodyOf(request)
  const isCsv = request.headers['content-type']?.startsWith('text/csv') ?? false
  return isCsv ? rowsOfCsv(body, columns, maxRows) : rowsOfJson(body, columns, maxRows)
}

async function predictTensors(
  request: FastifyRequest,
  reply: FastifyReply,
  { limits, metrics }: ServingContext,
  endpoint: ModelEndpoint,
): Promise<string> {
  const { model } = endpoint
  const measured = metrics.of(model)
  const startMs = performance.now()
  const body = bodyOf(request)
  const bounds = boundsOfTensors(
    limits.rows,
    model.inputs.map(({ shape }) => shape),
  )
  const feeds = namedTensors(parseJsonExactly(body, bounds), model.inputs, body.length)
  measured.stage('decode', performance.now() - startMs)
  const answer = await endpoint.infer(feeds, inferOptionsOf(request, reply))
  const answeredMs = performance.now()
  const outputs = model.outputs.map(
    ({ name }) => `${JSON.stringify(name)}:{"shape":[${answer[name]!.shape}],"data":${jsonOfElements(answer[name]!)}}`,
  )
  const text = `{${headOf(endpoint)},"outputs":{${outputs}},"requestId":${JSON.stringify(request.id)}}`
  measured.stage('encode', performance.now() - answeredMs)
  return text
}

const TENSORS = 'Send {"inputs": {name: nested arrays, ...}}; GET /v2/models/{model} says names, datatypes and shapes.'

function namedTensors(body: ExactValue, inputs: readonly TensorSpec[], most: number): Tensors {
  const given = isObject(body) && isObject(body.inputs) ? body.inputs : undefined
  if (!given) throw new FivefoldError('REQUEST_INVALID', "'inputs' is not an object of tensors", { remedy: TENSORS })
  const known = Object.keys(given).map((name) => {
    const input = inputs.find((spec) => spec.name === name)
    if (!input) throw new FivefoldError('MODEL_INPUT', `the model has no input '${name.slice(0, 100)}'`)
    return [name, tensorOfJson(input.type, shapeOfJson(given[name]), given[name], most, `input '${name}'`)] as const
  })
  return Object.fromEntries(known)
}

const isObject = (value: ExactValue | undefined): value is { [key: string]: ExactValue } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function predictSchema({ limits }: ServingContext, table: TableFace | undefined): object {
  const error = (description: string): object => ({
    description,
    content: { 'application/json': { schema: ERROR_SCHEMA } },
  })
  return {
    operationId: 'predict',
    tags: ['predictions'],
    summary: 'Predict with the default model',
    description: table
      ? `One to ${limits.rows} rows, as {"rows": [...]}, as an array, or a single row. CSV has a header line; an empty cell is missing.`
      : TENSORS,
    body: {
      content: table
        ? {
            'application/json': { schema: requestSchema(table) },
            'text/csv': { schema: { type: 'string', example: exampleCsv(table) } },
          }
        : { 'application/json': { schema: { type: 'object', properties: { inputs: { type: 'object' } } } } },
    },
    response: {
      200: {
        description: 'Predictions.',
        content: { 'application/json': { schema: table ? responseSchema(table) : { type: 'object' } } },
      },
      400: error('The body cannot be read (REQUEST_INVALID).'),
      413: error('Too many bytes or rows (REQUEST_TOO_LARGE).'),
      415: error('Neither JSON nor CSV.'),
      422: error('What was sent does not fit the model (MODEL_INPUT); of rows each issue names row and column.'),
      503: error('Too much work is waiting, or the server is stopping.'),
      504: error('There was no answer in time (TIMEOUT).'),
    },
  }
}
