import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FivefoldError } from '../../../../core/index.ts'
import { explainQuery } from '../../explain/explain-query.ts'
import type { Servable, TableFace, TensorSpec, Tensors } from '../../model/servable.ts'
import { createPartTimer } from '../../requests/request-record.ts'
import type { ModelEndpoint } from '../../runtime/model-repository.ts'
import { createTurns } from '../../runtime/turns.ts'
import { inferOptionsOf } from '../../server/request-signal.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import { exampleRow } from '../../tables/example-row.ts'
import { TABLE_TYPES } from '../../tables/table-types.ts'
import {
  exampleOfModel,
  INFERENCE_REFUSALS,
  objectOf,
  pathParameters,
  refusalsOf,
  TEXT,
} from '../../wire/describe-route.ts'
import type { ExactValue } from '../../wire/exact-json.ts'
import { boundsOfTensors } from '../../wire/json-bounds.ts'
import type { JsonSchema } from '../../wire/json-schema.ts'
import { jsonOfElements, shapeOfJson, tensorOfJson } from '../../wire/json-tensors.ts'
import { parseJsonExactly } from '../../wire/parse-json.ts'
import { bodyOf } from '../../wire/raw-body.ts'
import { exampleInputs, namedInputsSchema } from '../values/value-schemas.ts'
import { ERROR_SCHEMA, exampleCsv, requestSchema, responseSchema } from './model-schema.ts'
import { EVENT_STREAM } from './predict-events.ts'
import { headOf, predictRows, type RowsContext } from './predict-rows.ts'

interface ModelParams {
  readonly model?: string
  readonly version?: string
}

export interface PredictRouteOptions {
  readonly serving: ServingContext
  /** Of the default model, which the page of the API describes; absent where it is no bundle. */
  readonly table?: TableFace
}

/** Each takes a database of its own while it is read. */
const FILES_AT_A_TIME = 2

/**
 * `POST /predict` for the default model, `/models/{model}/predict` and `/models/{model}/versions/{version}/predict` for
 * each: rows as JSON, CSV, Arrow or Parquet where the model is a bundle, else `{"inputs": {name: nested arrays}}`.
 */
export async function addPredictRoutes(app: FastifyInstance, options: PredictRouteOptions): Promise<void> {
  const { serving, table } = options
  const rows: RowsContext = { ...serving, turns: createTurns(FILES_AT_A_TIME) }
  readTables(app)
  const handler = (request: FastifyRequest<{ Params: ModelParams }>, reply: FastifyReply): Promise<FastifyReply> =>
    predict(request, reply, rows)
  app.post('/predict', { schema: predictSchema(serving, table) }, handler)
  for (const names of [['model'], ['model', 'version']] as const) {
    const path = names.length === 1 ? '/models/:model/predict' : '/models/:model/versions/:version/predict'
    app.post<{ Params: ModelParams }>(path, { schema: namedSchema(names, serving) }, handler)
  }
}

function readTables(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(Object.keys(TABLE_TYPES), { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

async function predict(
  request: FastifyRequest<{ Params: ModelParams }>,
  reply: FastifyReply,
  serving: RowsContext,
): Promise<FastifyReply> {
  const { model, version } = request.params
  const endpoint = serving.repository.endpoint(model, version)
  const { table } = endpoint.model
  if (table) return predictRows(request, reply, serving, endpoint, table)
  return reply.type('application/json; charset=utf-8').send(await predictTensors(request, reply, serving, endpoint))
}

async function predictTensors(
  request: FastifyRequest,
  reply: FastifyReply,
  { limits, metrics }: ServingContext,
  endpoint: ModelEndpoint,
): Promise<string> {
  if (explainQuery(request.query)) throw new FivefoldError('EXPLANATION_UNAVAILABLE', 'the model is no bundle')
  const { model } = endpoint
  const endPart = createPartTimer(metrics, model, request.record)
  const startMs = performance.now()
  const body = bodyOf(request)
  const bounds = boundsOfTensors(
    limits.rows,
    model.inputs.map(({ shape }) => shape),
  )
  const feeds = namedTensors(parseJsonExactly(body, bounds), model.inputs, body.length)
  endPart('decode', startMs)
  const answer = await endpoint.infer(feeds, inferOptionsOf(request, reply))
  const answeredMs = performance.now()
  const outputs = model.outputs.map(
    ({ name }) => `${JSON.stringify(name)}:{"shape":[${answer[name]!.shape}],"data":${jsonOfElements(answer[name]!)}}`,
  )
  const text = `{${headOf(endpoint)},"outputs":{${outputs}},"requestId":${JSON.stringify(request.id)}}`
  endPart('encode', answeredMs)
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

/** Of any model, whose columns are not known here: the example is for the default one. */
function namedSchema(names: Parameters<typeof pathParameters>[0], { example }: ServingContext): object {
  return {
    ...{ tags: ['predictions'], summary: 'Predict with a model by its name' },
    params: pathParameters(names, exampleOfModel(example)),
    description: 'Rows for a bundle, as of `POST /predict`; {"inputs": {name: nested arrays}} for other models.',
    querystring: EXPLAIN_QUERY,
    body: { content: tableContent(example ? { examples: [exampleBody(example)] } : {}) },
    response: {
      200: { description: 'Predictions.', content: { ...tableContent({ type: 'object' }), ...EVENTS } },
      ...REFUSALS,
    },
  }
}

const REFUSALS = refusalsOf(ERROR_SCHEMA, [...INFERENCE_REFUSALS, 406, 422])
const EVENTS = { [EVENT_STREAM]: { schema: TEXT } }

const exampleBody = (model: Servable): object =>
  model.table ? { rows: [exampleRow(model.table)] } : { inputs: exampleInputs(model) }

function predictSchema({ limits, example }: ServingContext, table: TableFace | undefined): object {
  return {
    operationId: 'predict',
    tags: ['predictions'],
    summary: 'Predict with the default model',
    description: table
      ? `One to ${limits.rows} rows, as {"rows": [...]}, as an array, or a single row; as JSON lines; or as a table in CSV with a header line, Arrow or Parquet, whose columns are found by name. An empty cell is missing. Accept decides what the answer comes as.`
      : TENSORS,
    ...(table ? { querystring: EXPLAIN_QUERY } : {}),
    body: {
      content: table
        ? tableContent(requestSchema(table), exampleCsv(table))
        : { 'application/json': { schema: tensorsSchema(example) } },
    },
    response: {
      200: {
        description: 'Predictions.',
        content: table
          ? { ...tableContent(responseSchema(table)), ...EVENTS }
          : { 'application/json': { schema: { type: 'object' } } },
      },
      ...REFUSALS,
    },
  }
}

const EXPLAIN_QUERY: JsonSchema = {
  type: 'object',
  properties: {
    explain: {
      type: 'boolean',
      description: 'Whether to say, for at most 100 rows, what each column added to the answer.',
    },
    class: { type: 'string', description: 'The class whose probability to explain.' },
  },
}

function tableContent(json: JsonSchema, csv?: string): object {
  const file = { schema: { type: 'string', format: 'binary' } }
  return {
    'application/json': { schema: json },
    'application/jsonlines': { schema: { type: 'string' } },
    'text/csv': { schema: { type: 'string', ...(csv === undefined ? {} : { example: csv }) } },
    'application/vnd.apache.arrow.stream': file,
    'application/vnd.apache.arrow.file': file,
    'application/vnd.apache.parquet': file,
  }
}

function tensorsSchema(example: Servable | undefined): JsonSchema {
  const inputs = example ? namedInputsSchema(example) : { type: 'object' }
  return objectOf({ inputs }, example ? { examples: [exampleBody(example)] } : {})
}
