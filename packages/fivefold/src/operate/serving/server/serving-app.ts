import { randomUUID } from 'node:crypto'
import swagger from '@fastify/swagger'
import fastify, { type FastifyInstance } from 'fastify'
import { type Context, FivefoldError, version as release } from '../../../core/index.ts'
import { type GuardOptions, guardRequests } from '../access/guard-requests.ts'
import type { Watched } from '../access/watched-files.ts'
import { addDeploymentRoutes } from '../deployments/deployment-routes.ts'
import type { Deployments } from '../deployments/deployments.ts'
import { withDeployments } from '../deployments/with-deployments.ts'
import { addJobRoutes, type JobRouteOptions } from '../jobs/job-routes.ts'
import type { Servable } from '../model/servable.ts'
import type { Operations } from '../operations/operations.ts'
import { addOperationsRoutes, type OperationsSource } from '../operations/operations-routes.ts'
import { addProtocols, type ProtocolChoices } from '../protocols/index.ts'
import { addOpenInference } from '../protocols/open-inference/index.ts'
import { addPredictRoutes } from '../protocols/predict/predict-routes.ts'
import { rewriteVertexUrl } from '../protocols/vertex/index.ts'
import type { RequestRecord } from '../requests/request-record.ts'
import { createRequestRecorder, type RequestListener, type RequestRecorder } from '../requests/request-recorder.ts'
import type { OwnedRepository } from '../runtime/create-repository.ts'
import { DEFAULT_LIMITS, type ServingLimits } from '../runtime/limits.ts'
import type { Certificates } from '../tls/certificates.ts'
import { answerBrokenRequest, logDefect, routeOf, sendError } from '../wire/error-reply.ts'
import { addConsoleRoutes } from './console-routes.ts'
import { describedRoute, refuseOtherMethods, type WatchedRoutes, watchRoutes } from './routes.ts'
import type { ModelManagement, ServingContext } from './serving-context.ts'
import { followCertificates, socketOptions } from './sockets.ts'
import { addDocumentationRoutes, addSystemRoutes, type GatherMetrics } from './system-routes.ts'

export interface ServingAppOptions {
  /** Closed with the app. */
  readonly repository: OwnedRepository
  readonly context: Context
  readonly limits?: Partial<ServingLimits>
  readonly management?: ModelManagement
  readonly protocols?: ProtocolChoices
  /** Closed with the app. */
  readonly deployments?: Deployments
  /** Closed with the app. */
  readonly jobs?: JobRouteOptions
  /** Who may call; everybody without it. */
  readonly guard?: GuardOptions
  /** For TLS, which there is none of without. */
  readonly certificates?: Watched<Certificates>
  /** Metrics of all processes, where this is one of several, and what follows from them. */
  readonly gatherMetrics?: GatherMetrics
  /** What looks after the metrics of all processes. Closed with the app where it can be. */
  readonly operations?: OperationsSource & Partial<Pick<Operations, 'close'>>
  /** Told of every request. */
  readonly listeners?: readonly RequestListener[]
}

export interface ServingApp {
  readonly app: FastifyInstance
  readonly serving: ServingContext
  readonly routes: WatchedRoutes
  /** Another face of the same models, which then stops with the app, before the models are closed. */
  attach(face: { close(): Promise<void> }): void
  /** Answers what is in flight, then closes the models. May be called more than once. */
  stop(): Promise<void>
}

/** The server without its socket. The page of its API describes the default model. */
export async function createServingApp(options: ServingAppOptions): Promise<ServingApp> {
  const { context, management, deployments, jobs, protocols = {} } = options
  const repository = deployments ? withDeployments(options.repository, deployments) : options.repository
  const { gatherMetrics = async () => [options.repository.metrics.snapshot()] } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const { metrics } = options.repository
  const requests = createRequestRecorder(metrics, options.listeners)
  let isReady = true
  const model = repository.statuses().length > 0 ? repository.endpoint().model : undefined
  const serving: ServingContext = {
    ...{ repository, limits, metrics, requests, context, ready: () => isReady },
    ...(management ? { management } : {}),
    ...(model ? { example: model } : {}),
  }
  const app = createFastify(limits, protocols, options.certificates)
  const routes = watchRoutes(app)
  await addDescription(app, model)
  readRawBodies(app)
  identifyRequests(app)
  recordRequests(app, requests)
  if (options.guard) guardRequests(app, options.guard)
  answerErrors(app, context)
  await app.register((scope) => addPredictRoutes(scope, { serving, ...(model?.table ? { table: model.table } : {}) }))
  addSystemRoutes(app, serving, gatherMetrics)
  if (options.operations) addOperationsRoutes(app, serving, options.operations)
  if (jobs) await app.register((scope) => addJobRoutes(scope, jobs))
  if (deployments) addDeploymentRoutes(app, deployments, management !== undefined)
  addDocumentationRoutes(app)
  await addConsoleRoutes(app, serving, deployments)
  await app.register((scope) => addOpenInference(scope, serving))
  await addProtocols(app, serving, protocols)
  refuseOtherMethods(routes)
  await app.ready()
  const faces: { close(): Promise<void> }[] = []
  let stopped: Promise<void> | undefined
  const stop = async (): Promise<void> => {
    isReady = false
    await Promise.all([app.close(), ...faces.map((face) => face.close()), jobs?.jobs.close()])
    await options.operations?.close?.()
    await deployments?.close()
    await options.repository.close()
  }
  return {
    app,
    serving,
    routes,
    attach: (face) => void faces.push(face),
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set before anything else is done for a request. */
    record: RequestRecord
  }
}

function createFastify(
  limits: ServingLimits,
  { vertex }: ProtocolChoices,
  certificates: Watched<Certificates> | undefined,
): FastifyInstance {
  const app = fastify({
    ...socketOptions(certificates),
    ...(vertex && { rewriteUrl: rewriteVertexUrl(vertex) }),
    // What goes wrong before there is a route, and before there is a request, answers in our form, too.
    frameworkErrors: (thrown, request, reply) => sendError(reply, thrown, request.id),
    clientErrorHandler: answerBrokenRequest,
    bodyLimit: limits.bodyBytes,
    // A sender that dribbles its request byte by byte holds a socket no longer than this.
    requestTimeout: limits.timeoutMs,
    keepAliveTimeout: 72_000,
    requestIdHeader: false,
    genReqId: (request) => acceptedRequestId(request.headers['x-request-id']),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    logger: false,
  })
  followCertificates(app, certificates)
  return app
}

/** A sender's id is kept where it is fit for a header and a log line. */
function acceptedRequestId(sent: string | string[] | undefined): string {
  return typeof sent === 'string' && /^[\x21-\x7e]{1,128}$/.test(sent) ? sent : randomUUID()
}

async function addDescription(app: FastifyInstance, model: Servable | undefined): Promise<void> {
  // Route schemas describe; the routes check for themselves, with errors that name row and column.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => JSON.stringify)
  await app.register(swagger, {
    transform: describedRoute,
    openapi: {
      openapi: '3.1.0',
      info: {
        title: model?.name ?? 'fivefold',
        version: model?.version ?? release,
        description: model?.description ?? 'Models over HTTP.',
      },
    },
  })
}

function readRawBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const types = ['application/json', 'text/csv', 'application/octet-stream']
  app.addContentTypeParser(types, { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addHook('onRequest', (request, _reply, done) => {
    const encoding = request.headers['content-encoding']
    // Inflating is left to the proxy before us: a small body could become a huge one.
    if (encoding && encoding !== 'identity') done(unsupportedEncoding(encoding))
    else done()
  })
}

function unsupportedEncoding(encoding: string): Error {
  return Object.assign(new Error(`content encoding '${encoding.slice(0, 40)}' is not read here`), { statusCode: 415 })
}

function identifyRequests(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
}

function recordRequests(app: FastifyInstance, requests: RequestRecorder): void {
  app.decorateRequest('record')
  app.addHook('onRequest', (request, reply, done) => {
    const record = requests.start(request.id)
    request.record = record
    let ended = false
    const end = (status: number): void => {
      if (!ended) requests.end(record, { route: routeOf(request), method: request.method, status })
      ended = true
    }
    reply.raw.once('finish', () => end(reply.statusCode))
    // Closed without having finished: the sender went away.
    reply.raw.once('close', () => end(499))
    done()
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
