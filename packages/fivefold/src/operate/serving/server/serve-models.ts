import type { AddressInfo } from 'node:net'
import { type Context, FivefoldError, listenError, reachableHost } from '../../../core/index.ts'
import type { SessionOptions } from '../../../onnx/index.ts'
import { createBorrower, type LendRequests } from '../access/leases.ts'
import type { AccessOptions } from '../access/open-admission.ts'
import { type DeploymentsOptions, openDeployments } from '../deployments/deployments.ts'
import { DEFAULT_UPLOAD_BYTES, type JobsOptions, openJobs } from '../jobs/jobs.ts'
import type { MetricSnapshot } from '../metrics/metric-registry.ts'
import type { ServerMetrics } from '../metrics/server-metrics.ts'
import { findModel, findModels } from '../model/open-source.ts'
import type { Servable } from '../model/servable.ts'
import type { PriceOptions } from '../operations/cost.ts'
import { createOperations } from '../operations/operations.ts'
import type { OperationsSource } from '../operations/operations-routes.ts'
import { countObjectives } from '../operations/slo/count-objectives.ts'
import { promisedBy, type SloOptions } from '../operations/slo/objectives.ts'
import type { ProtocolChoices } from '../protocols/index.ts'
import { openRequestLog, type RequestLogOptions } from '../request-log/request-log.ts'
import type { RequestListener } from '../requests/request-recorder.ts'
import type { BatchingOptions } from '../runtime/batching/batcher.ts'
import { createModelRepository, type OwnedRepository } from '../runtime/create-repository.ts'
import type { ServingLimits } from '../runtime/limits.ts'
import type { ModelRepository, ModelSource, ModelStatus } from '../runtime/model-repository.ts'
import { createPredictionLogs } from '../runtime/prediction-logs.ts'
import type { RedisCacheOptions } from '../runtime/redis-cache.ts'
import type { SharedCache } from '../runtime/shared-cache.ts'
import type { TlsFiles } from '../tls/certificates.ts'
import { type Entrance, type EntranceOptions, openEntrance } from './entrance.ts'
import { createServingApp, type ServingApp, type ServingAppOptions } from './serving-app.ts'
import type { ModelManagement } from './serving-context.ts'

export interface ServeOptions {
  /** The first one is the default model. */
  readonly models?: readonly (ModelSource | Servable)[]
  /** A folder of models, each in a folder or an ONNX file that gives it its name. */
  readonly modelsDir?: string
  /** Whether `/v2/repository/models/{model}/load` and `unload` may be called. Default false. */
  readonly allowManagement?: boolean
  /** Default 127.0.0.1: only this machine. On another address `access` or `tls.clientCa` has to say who may call. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly port?: number
  /** Port of the Open Inference Protocol over gRPC, 0 for a free one; without it there is none. */
  readonly grpcPort?: number
  readonly protocols?: ProtocolChoices
  /** Who may call, and how often; on this machine alone everybody by default. */
  readonly access?: AccessOptions
  /** TLS for HTTP and gRPC, which there is none of without. */
  readonly tls?: TlsFiles
  /**
   * Folder of a prediction log of each bundle; an answer is sent only once its rows are there durably. See
   * `readPredictionLog`. With several models, or with management, each version has a folder `<model>/<version>` in it.
   */
  readonly logDir?: string
  /** Takes files that are too large for one answer, see `JobsOptions`. Without it there are no routes for them. */
  readonly jobs?: JobsOptions
  /** Endpoints whose traffic is divided among the models; reached by their names like models. */
  readonly deployments?: Omit<DeploymentsOptions, 'context'>
  readonly batching?: BatchingOptions
  /** Answers that are kept for each version, to answer the same question again. Default 0: none. */
  readonly cacheEntries?: number
  /** Answers kept in Redis instead, for all processes and machines that serve the same models. */
  readonly redisCache?: RedisCacheOptions
  readonly session?: SessionOptions
  readonly limits?: Partial<ServingLimits>
  readonly context: Context
  /** A JSON line for each request; none without it. */
  readonly requestLog?: RequestLogOptions
  /** Service level objectives, counted over requests for predictions. */
  readonly slo?: SloOptions
  /** What the machine costs, to say what predictions cost. */
  readonly price?: PriceOptions
  /** Where this is one of several processes: metrics of all, and what has to happen in all. */
  readonly siblings?: Siblings
}

export interface Siblings extends Pick<ModelManagement, 'load' | 'unload'> {
  /** What they hold, where this process joins them. */
  readonly held?: readonly ModelStatus[]
  metrics(): Promise<readonly (readonly MetricSnapshot[])[]>
  /** Counts requests of all processes. */
  readonly lend: LendRequests
  readonly operations: OperationsSource
}

export interface RunningServer {
  /** Without a trailing slash. */
  readonly url: string
  readonly port: number
  /** Absent where nothing is served over gRPC. */
  readonly grpcPort?: number
  readonly repository: ModelRepository
  statuses(): readonly ModelStatus[]
  readonly metrics: ServerMetrics
  /** Loads and unloads in this process; absent where management is not allowed. */
  readonly management?: ModelManagement
  /** Reads tokens and certificates now; they are looked at every second anyway. */
  reload(): Promise<void>
  /** Takes no new requests, answers those in flight, frees the port, and closes models and logs. */
  close(): Promise<void>
}

/**
 * Serves models over HTTP: `POST /predict`, the Open Inference Protocol v2 (REST) under `/v2`, `/healthz`, `/readyz`,
 * `/metrics`, `/openapi.json` and `/docs`; the interfaces of TensorFlow Serving, TorchServe, SageMaker, Azure ML and Vertex AI;
 * and, on a port of its own, gRPC. Every model has run before the port opens. Stops when `context.signal` aborts.
 *
 * @throws MODEL_NOT_FOUND, BUNDLE_INVALID, BUNDLE_VERSION, GRAPH_INVALID, GRAPH_UNSUPPORTED, PORT_IN_USE, STORE_CONFLICT,
 *   OPTION_INVALID, TOKENS_INVALID, CERTIFICATE_INVALID
 */
export async function serveModels(options: ServeOptions): Promise<RunningServer> {
  const { context, host = '127.0.0.1', port = 0 } = options
  const { serving, repository, entrance } = await openServer(options, host)
  const { stop, management } = serving
  const { grpc, ...address } = await listenAll(serving, { ...options, host, port, entrance }).catch(async (error) => {
    await stop()
    throw error
  })
  context.log.info('serving', {
    url: address.url,
    ...grpc,
    models: repository.statuses().map(({ name, version }) => `${name}/${version}`),
  })
  const onAbort = (): void => void stop()
  context.signal.addEventListener('abort', onAbort, { once: true })
  if (context.signal.aborted) await stop()
  return {
    ...address,
    ...grpc,
    repository,
    statuses: repository.statuses,
    metrics: repository.metrics,
    ...(management ? { management } : {}),
    reload: entrance.reload,
    close: async () => {
      context.signal.removeEventListener('abort', onAbort)
      await stop()
    },
  }
}

interface OpenServer {
  readonly serving: ServingApp & { readonly management?: ModelManagement }
  readonly repository: OwnedRepository
  readonly entrance: Entrance
}

/** Everything but the ports. */
async function openServer(options: ServeOptions, host: string): Promise<OpenServer> {
  const { context } = options
  const entrance = await openEntrance(entranceOptions(options, host), context)
  const sharedCache = options.redisCache && (await openCache(options.redisCache, context).catch(closing(entrance)))
  const repository = createModelRepository({ ...repositoryOptions(options), ...(sharedCache ? { sharedCache } : {}) })
  const serving = await createApp(options, repository, entrance).catch(async (error) => {
    entrance.close()
    await repository.close()
    throw error
  })
  return { serving, repository, entrance }
}

/** A server without ports, for whoever hands requests to `app` by itself: the same routes, checks and errors. */
export async function openPortless(options: ServeOptions): Promise<Pick<ServingApp, 'app' | 'stop'>> {
  const { serving } = await openServer(options, '127.0.0.1')
  return serving
}

/** Loaded only where it is asked for. */
async function openCache(options: RedisCacheOptions, context: Context): Promise<SharedCache> {
  const { openRedisCache } = await import('../runtime/redis-cache.ts')
  return openRedisCache(options, context)
}

/** Closes an entrance before whatever went wrong behind it is told. */
const closing =
  ({ close }: Entrance) =>
  (error: unknown): never => {
    close()
    throw error
  }

function entranceOptions(options: ServeOptions, host: string): EntranceOptions {
  const { access, tls, siblings, context } = options
  return {
    host,
    ...(access ? { access } : {}),
    ...(tls ? { tls } : {}),
    ...(siblings ? { takeOne: createBorrower(siblings.lend, context.clock) } : {}),
  }
}

function repositoryOptions(options: ServeOptions): Parameters<typeof createModelRepository>[0] {
  const { context, batching, cacheEntries, session, limits, logDir } = options
  const isOne = options.models?.length === 1 && !options.modelsDir && !options.allowManagement
  return {
    context,
    ...(batching ? { batching } : {}),
    ...(cacheEntries ? { cacheEntries } : {}),
    ...(session ? { session } : {}),
    ...(limits?.timeoutMs === undefined ? {} : { timeoutMs: limits.timeoutMs }),
    ...(logDir === undefined ? {} : { openLog: createPredictionLogs(logDir, isOne ? 'one' : 'many', context) }),
  }
}

async function createApp(
  options: ServeOptions,
  repository: OwnedRepository,
  { guard, certificates, close }: Entrance,
): Promise<ServingApp & { readonly management?: ModelManagement }> {
  const { models = [], modelsDir, allowManagement = false, context, limits, protocols, siblings } = options
  const found = modelsDir === undefined ? [] : await findModels(modelsDir)
  const sources = new Map<string, ModelSource>()
  for (const model of [...models, ...found]) {
    if (!('path' in model)) await repository.add(model)
    else sources.set(await loadAsSiblings(model, repository, siblings?.held), model)
  }
  const deployments = options.deployments && (await openDeployments({ ...options.deployments, context }, repository))
  const jobs = options.jobs && (await openJobs(options.jobs, repository, context))
  const management = allowManagement ? manage(repository, sources, modelsDir) : undefined
  const requestLog = options.requestLog && (await openRequestLog(options.requestLog))
  const operations = await operationsOf(options, repository)
  const app = await createServingApp({
    ...{ repository, context, guard, ...operations },
    listeners: [...objectivesOf(options, repository), ...(requestLog ? [requestLog] : [])],
    ...(certificates ? { certificates } : {}),
    ...(deployments ? { deployments } : {}),
    ...(jobs ? { jobs: { jobs, uploadBytes: options.jobs?.uploadBytes ?? DEFAULT_UPLOAD_BYTES } } : {}),
    ...(limits ? { limits } : {}),
    ...(protocols ? { protocols } : {}),
    ...(management ? { management: { ...management, ...pick(siblings) } } : {}),
  })
  app.attach({ close: async () => close() })
  const stop = async (): Promise<void> => {
    await app.stop()
    // What is answered last has a line, too.
    await requestLog?.close()
  }
  return { ...app, stop, ...(management ? { management } : {}) }
}

/** Loads what a source has, in the version that siblings hold: a newer one may lie there that nobody has asked for. Returns its name. */
async function loadAsSiblings(
  source: ModelSource,
  repository: OwnedRepository,
  held: readonly ModelStatus[] | undefined,
): Promise<string> {
  const { name } = held ? await findModel(source) : {}
  if (!held || name === undefined) return (await repository.load(source)).name
  const versions = held.flatMap((status) => (status.name === name && status.state === 'ready' ? [status.version] : []))
  // They have unloaded it.
  if (versions.length === 0) return name
  const version = source.version ?? versions.at(-1)!
  return (await repository.load({ ...source, version })).name
}

/** One process looks after itself; one of several asks what looks after all of them. */
async function operationsOf(
  { slo, price, siblings, context }: ServeOptions,
  { metrics }: OwnedRepository,
): Promise<Pick<ServingAppOptions, 'gatherMetrics' | 'operations'>> {
  if (siblings) return { gatherMetrics: siblings.metrics, operations: siblings.operations }
  const gather = async (): Promise<readonly (readonly MetricSnapshot[])[]> => [metrics.snapshot()]
  const operations = await createOperations({ gather, context, ...(slo && { slo }), ...(price && { price }) })
  return { gatherMetrics: async () => [metrics.snapshot(), await operations.metrics()], operations }
}

const objectivesOf = ({ slo }: ServeOptions, { metrics }: OwnedRepository): RequestListener[] =>
  slo ? [countObjectives(promisedBy(slo).objectives, metrics.registry)] : []

const pick = (siblings: Siblings | undefined): Partial<ModelManagement> =>
  siblings ? { load: siblings.load, unload: siblings.unload } : {}

function manage(
  repository: ModelRepository,
  sources: ReadonlyMap<string, ModelSource>,
  modelsDir: string | undefined,
): ModelManagement {
  const all = async (): Promise<ReadonlyMap<string, ModelSource>> => {
    const found = modelsDir === undefined ? [] : await findModels(modelsDir)
    return new Map([...found.map((source) => [source.name!, source] as const), ...sources])
  }
  return {
    loadable: async () => [...(await all()).keys()],
    async load(name) {
      const source = (await all()).get(name)
      if (!source) throw new FivefoldError('MODEL_NOT_FOUND', `there is no model '${name}' to load`)
      const loaded = await repository.load({ ...source, name })
      const others = repository.statuses().filter((one) => one.name === name && one.version !== loaded.version)
      await Promise.all(others.map(({ version }) => repository.unload(name, version)))
    },
    unload: (name, version) => repository.unload(name, version),
  }
}

interface Ports extends Pick<ServeOptions, 'grpcPort'> {
  readonly host: string
  readonly port: number
  readonly entrance: Entrance
}

async function listenAll(
  { app, serving, attach }: ServingApp,
  { host, port, grpcPort, entrance: { admission, certificates } }: Ports,
): Promise<{ url: string; port: number; grpc?: { grpcPort: number } }> {
  const bound = await listen(app, host, port)
  const address = { url: `${certificates ? 'https' : 'http'}://${reachableHost(host)}:${bound}`, port: bound }
  if (grpcPort === undefined) return address
  // Loaded only where it is asked for: it takes its time and memory.
  const { serveGrpc } = await import('../protocols/grpc/index.ts')
  const grpc = await serveGrpc({
    ...serving,
    ...{ host, port: grpcPort },
    ...(admission.isOpen ? {} : { admission }),
    ...(certificates ? { certificates } : {}),
  })
  attach(grpc)
  return { ...address, grpc: { grpcPort: grpc.port } }
}

async function listen(app: ServingApp['app'], host: string, port: number): Promise<number> {
  try {
    await app.listen({ host, port })
  } catch (thrown) {
    throw listenError(thrown, host, port)
  }
  return (app.server.address() as AddressInfo).port
}

export interface ServeBundleOptions extends Omit<ServeOptions, 'models' | 'modelsDir' | 'allowManagement'> {
  /** Path of the bundle's folder. */
  readonly bundle: string
  /** Version to report. Default '1'. */
  readonly version?: string
}

/** `serveModels` for one bundle. */
export function serveBundle({ bundle, version = '1', ...options }: ServeBundleOptions): Promise<RunningServer> {
  return serveModels({ ...options, models: [{ path: bundle, version }] })
}
