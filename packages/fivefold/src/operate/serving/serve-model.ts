import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import swagger from '@fastify/swagger'
import fastify, { type FastifyInstance } from 'fastify'
import { type Context, FivefoldError } from '../../core/index.ts'
import type { PredictionLog } from '../prediction-log/index.ts'
import { answerBrokenRequest, logDefect, routeOf, sendError } from './error-reply.ts'
import { createInference, DEFAULT_LIMITS, type Inference, type ServingLimits } from './inference.ts'
import { addInferenceProtocol } from './inference-protocol/index.ts'
import { addPredictRoute } from './predict-route.ts'
import type { ServedModel } from './served-model.ts'
import { createServerMetrics, type ServerMetrics } from './server-metrics.ts'
import { addDocumentationRoutes, addSystemRoutes } from './system-routes.ts'

export interface ServeOptions {
  readonly predictor: ServedModel
  /** Default 127.0.0.1: only this machine. 0.0.0.0 is for containers. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly port?: number
  /** Where every answered row goes; an answer is sent only once its rows are there durably. The caller closes it. */
  readonly log?: PredictionLog
  readonly context: Context
  readonly limits?: Partial<ServingLimits>
  /** Called once the last request is answered. */
  readonly onStopped?: () => Promise<void>
}

export interface RunningServer {
  /** Without a trailing slash. */
  readonly url: string
  readonly port: number
  /** Takes no new requests, answers those in flight, then frees the port. */
  close(): Promise<void>
}

/**
 * Serves a model over HTTP: `POST /predict`, the Open Inference Protocol v2 (REST) under `/v2`, `/healthz`, `/readyz`,
 * `/metrics`, `/openapi.json` and `/docs`. Stops when `context.signal` aborts.
 *
 * @throws PORT_IN_USE, OPTION_INVALID
 */
export async function serveModel(options: ServeOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 0, context } = options
  const { app, stop } = await createApp(options)
  try {
    await app.listen({ host, port })
  } catch (thrown) {
    await app.close()
    throw listenError(thrown, host, port)
  }
  const bound = (app.server.address() as AddressInfo).port
  const url = `http://${reachableHost(host)}:${bound}`
  context.log.info('serving', { url, model: options.predictor.name, version: options.predictor.version })
  const onAbort = (): void => void stop()
  context.signal.addEventListener('abort', onAbort, { once: true })
  if (context.signal.aborted) await stop()
  return {
    url,
    port: bound,
    close: async () => {
      context.signal.removeEventListener('abort', onAbort)
      await stop()
    },
  }
}

function listenError(thrown: unknown, host: string, port: number): FivefoldError {
  const error = FivefoldError.from(thrown, 'OPTION_INVALID')
  if (error.code === 'PORT_IN_USE')
    return new FivefoldError('PORT_IN_USE', `${host}:${port} is taken`, { cause: thrown })
  return new FivefoldError(error.code, `cannot listen on ${host}:${port}: ${error.message}`, { cause: thrown })
}

/** An address that a client can call: the wildcard addresses are none. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

export interface ServingApp {
  readonly app: FastifyInstance
  /** May be called more than once. */
  stop(): Promise<void>
}

/** The server without its socket. */
export async function createApp(options: ServeOptions): Promise<ServingApp> {
  const { predictor: model, context, log } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const metrics = createServerMetrics(model)
  const inference = createInference({ model, limits, metrics, context, ...(log ? { log } : {}) })
  const app = createFastify(limits)
  let ready = true
  await addDescription(app, model)
  readRawBodies(app)
  identifyRequests(app)
  measureRequests(app, metrics, context)
  answerErrors(app, context)
  addPredictRoute(app, inference)
  addSystemRoutes(app, metrics, { ready: () => ready })
  addDocumentationRoutes(app)
  await app.register(addInferenceProtocol, { inference, context, ready: () => ready })
  await app.ready()
  let stopped: Promise<void> | undefined
  return {
    app,
    stop: () => {
      ready = false
      stopped ??= stopApp(app, inference, options.onStopped)
      return stopped
    },
  }
}

async function stopApp(app: FastifyInstance, inference: Inference, onStopped?: () => Promise<void>): Promise<void> {
  await app.close()
  await inference.drain()
  await onStopped?.()
}

function createFastify(limits: ServingLimits): FastifyInstance {
  return fastify({
    // What goes wrong before there is a route, and before there is a request, answers in our form, too.
    frameworkErrors: (thrown, request, reply) => sendError(reply, thrown, request.id),
    clientErrorHandler: answerBrokenRequest,
    bodyLimit: limits.bodyBytes,
    handlerTimeout: limits.timeoutMs,
    // A sender that dribbles its request byte by byte holds a socket no longer than this.
    requestTimeout: limits.timeoutMs,
    keepAliveTimeout: 72_000,
    requestIdHeader: false,
    genReqId: (request) => acceptedRequestId(request.headers['x-request-id']),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    logger: false,
  })
}

/** A sender's id is kept where it is fit for a header and a log line. */
function acceptedRequestId(sent: string | string[] | undefined): string {
  return typeof sent === 'string' && /^[\x21-\x7e]{1,128}$/.test(sent) ? sent : randomUUID()
}

async function addDescription(app: FastifyInstance, model: ServedModel): Promise<void> {
  // Route schemas describe; the routes check for themselves, with errors that name row and column.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => JSON.stringify)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: model.name,
        version: model.version,
        description: model.description ?? `Predicts ${model.output.target} (${model.output.task}).`,
      },
    },
  })
}

function readRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const types = ['application/json', 'text/csv', 'application/octet-stream']
  app.addContentTypeParser(types, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('preParsing', async (request, _reply, payload) => {
    const encoding = request.headers['content-encoding']
    // Inflating is left to the proxy before us: a small body could become a huge one.
    if (encoding && encoding !== 'identity') throw unsupportedEncoding(encoding)
    return payload
  })
}

function unsupportedEncoding(encoding: string): Error {
  return Object.assign(new Error(`content encoding '${encoding.slice(0, 40)}' is not read here`), { statusCode: 415 })
}

function identifyRequests(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    reply.header('x-request-id', request.id)
    return payload
  })
}

function measureRequests(app: FastifyInstance, metrics: ServerMetrics, context: Context): void {
  app.addHook('onRequest', async (request, reply) => {
    const startMs = context.clock.monotonicMs()
    let ended = false
    const end = (status: number): void => {
      if (ended) return
      ended = true
      const seconds = (context.clock.monotonicMs() - startMs) / 1000
      metrics.requestEnded(routeOf(request), request.method, status, seconds)
    }
    metrics.requestStarted()
    reply.raw.once('finish', () => end(reply.statusCode))
    // Closed without having finished: the sender went away.
    reply.raw.once('close', () => end(499))
  })
}

function answerErrors(app: FastifyInstance, context: Context): void {
  app.setErrorHandler((thrown, request, reply) => {
    logDefect(thrown, request, context)
    return sendError(reply, thrown, request.id)
  })
  app.setNotFoundHandler((request, reply) => {
    const error = new FivefoldError('REQUEST_INVALID', `no route ${request.method} ${request.url.slice(0, 200)}`)
    return sendError(reply, Object.assign(new Error(error.message), { statusCode: 404 }), request.id)
  })
}
