import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FivefoldError, version as release } from '../../../../core/index.ts'
import type { Servable, Tensors } from '../../model/servable.ts'
import { rowCountOf } from '../../model/tensor-batches.ts'
import { createPartTimer } from '../../requests/request-record.ts'
import { inferOptionsOf } from '../../server/request-signal.ts'
import type { ServingContext } from '../../server/serving-context.ts'
import { feedsOfColumns } from '../../tables/column-feeds.ts'
import { logDefect, sayRetry, toReplyError } from '../../wire/error-reply.ts'
import { boundsOfTensors } from '../../wire/json-bounds.ts'
import { bodyOf } from '../../wire/raw-body.ts'
import { type InferRequest, readInferRequest } from './infer-request.ts'
import { inferResponse } from './infer-response.ts'
import { addRepositoryRoutes } from './repository-routes.ts'
import { type DescribedPath, inferSchema, questionSchema, readySchema } from './route-schemas.ts'
import { DATATYPES } from './tensor-types.ts'

interface ModelParams {
  readonly model: string
  readonly version?: string
}

/**
 * The Open Inference Protocol v2 over REST, as KServe and Triton speak it, with the binary tensor extension and Triton's
 * model repository.
 */
export async function addOpenInference(app: FastifyInstance, serving: ServingContext): Promise<void> {
  app.setErrorHandler((thrown, request, reply) => {
    logDefect(thrown, request, serving.context)
    return sendProtocolError(reply, thrown)
  })
  // Triton's clients send binary tensors without any content type.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  addServerRoutes(app, serving)
  addModelRoutes(app, '/v2/models/:model', ['model'], serving)
  addModelRoutes(app, '/v2/models/:model/versions/:version', ['model', 'version'], serving)
  addRepositoryRoutes(app, serving)
  app.all('/v2/*', { schema: { hide: true } }, (request) => {
    throw new FivefoldError('MODEL_NOT_FOUND', `no route ${request.method} ${request.url.slice(0, 200)}`)
  })
}

function addServerRoutes(app: FastifyInstance, serving: ServingContext): void {
  app.get('/v2', { schema: questionSchema('server') }, async () => ({
    name: 'fivefold',
    version: release,
    extensions: ['binary_tensor_data', 'model_repository'],
  }))
  app.get('/v2/health/live', { schema: questionSchema('live') }, async () => ({ live: true }))
  app.get('/v2/health/ready', { schema: readySchema('Server readiness') }, (_request, reply) => {
    const ready = serving.ready()
    return reply.code(ready ? 200 : 503).send({ ready })
  })
}

function addModelRoutes(
  app: FastifyInstance,
  path: string,
  names: DescribedPath['names'],
  serving: ServingContext,
): void {
  type Routed = { Params: ModelParams }
  const described = { names, example: serving.example }
  app.get<Routed>(path, { schema: questionSchema('model', described) }, async ({ params }) => {
    const { model } = serving.repository.endpoint(params.model, params.version)
    return modelMetadata(model, serving)
  })
  app.get<Routed>(`${path}/ready`, { schema: readySchema('Model readiness', described) }, ({ params }, reply) => {
    const ready = serving.ready() && isReady(params, serving)
    return reply.code(ready ? 200 : 503).send({ name: params.model, ready })
  })
  app.post<Routed>(`${path}/infer`, { schema: inferSchema(described) }, (request, reply) =>
    infer(request, reply, serving),
  )
}

/** @throws MODEL_NOT_FOUND */
function isReady({ model, version }: ModelParams, { repository }: ServingContext): boolean {
  try {
    repository.endpoint(model, version)
    return true
  } catch (error) {
    if (error instanceof FivefoldError && error.code === 'MODEL_NOT_READY') return false
    throw error
  }
}

function modelMetadata(model: Servable, { repository }: ServingContext): object {
  const described = (specs: Servable['inputs']): object[] =>
    specs.map(({ name, type, shape }) => ({ name, datatype: DATATYPES[type], shape }))
  const versions = repository.statuses().filter(({ name, state }) => name === model.name && state === 'ready')
  return {
    name: model.name,
    versions: versions.map(({ version }) => version),
    platform: 'onnx_onnxv1',
    inputs: described(model.inputs),
    outputs: described(model.outputs),
  }
}

async function infer(
  request: FastifyRequest<{ Params: ModelParams }>,
  reply: FastifyReply,
  serving: ServingContext,
): Promise<FastifyReply> {
  const endpoint = serving.repository.endpoint(request.params.model, request.params.version)
  const { model } = endpoint
  const endPart = createPartTimer(serving.metrics, model, request.record)
  const startMs = performance.now()
  const message = readInferRequest(bodyOf(request), headerLengthOf(request), boundsOf(model, serving))
  const feeds = feedsFor(model, message, serving)
  endPart('decode', startMs)
  const outputs = message.outputs?.map(({ name }) => name)
  const answer = await endpoint.infer(feeds, {
    ...inferOptionsOf(request, reply),
    ...(outputs ? { outputs } : {}),
  })
  const answeredMs = performance.now()
  const { body, headerLength } = inferResponse(model, message, answer)
  endPart('encode', answeredMs)
  if (headerLength === undefined) return reply.type('application/json; charset=utf-8').send(body)
  return reply
    .type('application/octet-stream')
    .header('inference-header-content-length', String(headerLength))
    .send(body)
}

const boundsOf = ({ inputs }: Servable, { limits }: ServingContext): ReturnType<typeof boundsOfTensors> =>
  boundsOfTensors(
    limits.rows,
    inputs.map(({ shape }) => shape),
  )

function feedsFor(model: Servable, { tensors }: InferRequest, { limits }: ServingContext): Tensors {
  const rows = model.isBatched ? rowCountOf(tensors) : 0
  if (rows > limits.rows) throw new FivefoldError('REQUEST_TOO_LARGE', `${rows} rows; at most ${limits.rows} a request`)
  return model.table ? feedsOfColumns(tensors, model.table) : tensors
}

function headerLengthOf(request: FastifyRequest): string | undefined {
  const value = request.headers['inference-header-content-length']
  return Array.isArray(value) ? value[0] : value
}

/** The protocol has one form of error, and one status for every bad input: 400. */
function sendProtocolError(reply: FastifyReply, thrown: unknown): FastifyReply {
  const { status, error } = toReplyError(thrown)
  const shown = error.issues.slice(0, 5).map(({ path, message }) => `row ${path[1]}, '${path[2]}': ${message}`)
  const isRows = error.code === 'MODEL_INPUT' && shown.length > 0
  sayRetry(reply, status)
  return reply.code(status === 422 ? 400 : status).send({ error: isRows ? shown.join('; ') : error.message })
}
