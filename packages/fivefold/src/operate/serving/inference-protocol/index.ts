import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Context, FivefoldError, version } from '../../../core/index.ts'
import { logDefect, toReplyError } from '../error-reply.ts'
import type { Inference } from '../inference.ts'
import { bodyOf } from '../raw-body.ts'
import { frameOfTensors, inputMetadata, outputMetadata } from './column-tensors.ts'
import { readInferRequest } from './infer-request.ts'
import { inferResponse, requestedOutputs } from './infer-response.ts'
import { inferSchema, metadataSchema, readySchema } from './route-schemas.ts'

export interface ProtocolOptions {
  readonly inference: Inference
  readonly context: Context
  ready(): boolean
}

interface ModelParams {
  readonly model: string
  readonly version?: string
}

/** The Open Inference Protocol v2 over REST, as KServe and Triton speak it, with the binary tensor extension. */
export async function addInferenceProtocol(app: FastifyInstance, options: ProtocolOptions): Promise<void> {
  const { inference, context } = options
  app.setErrorHandler((thrown, request, reply) => {
    logDefect(thrown, request, context)
    return sendProtocolError(reply, thrown)
  })
  // Triton's clients send binary tensors without any content type.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  addServerRoutes(app, options)
  for (const path of ['/v2/models/:model', '/v2/models/:model/versions/:version']) {
    app.get<{ Params: ModelParams }>(path, { schema: metadataSchema('Model metadata') }, async (request) => {
      checkModel(request.params, inference)
      return modelMetadata(inference)
    })
    app.get<{ Params: ModelParams }>(`${path}/ready`, { schema: readySchema('Model readiness') }, (request, reply) => {
      checkModel(request.params, inference)
      return sendReady(reply, options, inference.model.name)
    })
    app.post<{ Params: ModelParams }>(`${path}/infer`, { schema: inferSchema(inference.model) }, (request, reply) => {
      checkModel(request.params, inference)
      return infer(request, reply, inference)
    })
  }
  app.all('/v2/*', { schema: { hide: true } }, (request) => {
    throw new FivefoldError('MODEL_NOT_FOUND', `no route ${request.method} ${request.url.slice(0, 200)}`)
  })
}

function addServerRoutes(app: FastifyInstance, options: ProtocolOptions): void {
  app.get('/v2', { schema: metadataSchema('Server metadata') }, async () => ({
    name: 'fivefold',
    version,
    extensions: ['binary_tensor_data'],
  }))
  app.get('/v2/health/live', { schema: readySchema('Server liveness') }, async () => ({ live: true }))
  app.get('/v2/health/ready', { schema: readySchema('Server readiness') }, (_request, reply) =>
    sendReady(reply, options),
  )
}

function sendReady(reply: FastifyReply, { ready }: ProtocolOptions, name?: string): FastifyReply {
  const state = ready()
  return reply.code(state ? 200 : 503).send({ ...(name === undefined ? {} : { name }), ready: state })
}

function checkModel({ model, version }: ModelParams, inference: Inference): void {
  const served = inference.model
  if (model !== served.name) throw new FivefoldError('MODEL_NOT_FOUND', `no model '${model}' is served here`)
  if (version !== undefined && version !== served.version)
    throw new FivefoldError('MODEL_NOT_FOUND', `model '${model}' has no version '${version}' here`)
}

function modelMetadata({ model }: Inference): object {
  return {
    name: model.name,
    versions: [model.version],
    platform: 'onnx_onnxv1',
    inputs: inputMetadata(model),
    outputs: outputMetadata(model),
  }
}

async function infer(request: FastifyRequest, reply: FastifyReply, inference: Inference): Promise<FastifyReply> {
  const { model, timed, limits } = inference
  const { message, outputs, frame } = timed('decode', () => {
    const read = readInferRequest(bodyOf(request), headerLengthOf(request), limits.rows, model.inputs.length)
    const asked = requestedOutputs(read.request, model)
    return { message: read.request, outputs: asked, frame: frameOfTensors(read.tensors, model.inputs) }
  })
  const served = await inference.predict(frame, request.id)
  const { body, headerLength } = timed('encode', () => inferResponse(model, message, outputs, served))
  if (headerLength === undefined) return reply.type('application/json; charset=utf-8').send(body)
  return reply
    .type('application/octet-stream')
    .header('inference-header-content-length', String(headerLength))
    .send(body)
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
  if (status === 503) void reply.header('retry-after', '1')
  return reply.code(status === 422 ? 400 : status).send({ error: isRows ? shown.join('; ') : error.message })
}
