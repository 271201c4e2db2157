import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { type Context, FivefoldError } from '../../core/index.ts'
import {
  createJsonLogger,
  type LoggedRequests,
  type ModelSource,
  type ModelStatus,
  type ProtocolChoices,
  protocolsOfEnvironment,
  type RunningServer,
  type RunningWorkers,
  serveInWorkers,
  serveModels,
  type WorkerServeOptions,
} from '../../operate/index.ts'
import { type CommonFlags, withCommandContext } from '../command-context.ts'
import { readDeploymentFile } from '../deployment-file.ts'
import { type EntranceFlags, entranceOf } from '../entrance-flags.ts'
import { isModelName, openModel } from '../open-model.ts'
import { type OperationsFlags, priceOf, sloOf } from '../operations-flags.ts'
import { printJson, printLine } from '../output.ts'

interface ServeFlags extends CommonFlags, EntranceFlags, OperationsFlags {
  readonly logRequests?: LoggedRequests
  readonly model?: readonly string[]
  readonly models?: string
  readonly port: number
  readonly grpcPort?: number
  readonly label?: readonly string[]
  readonly host: string
  readonly store: string
  readonly log?: string
  readonly jobs?: string
  readonly workers: number
  readonly cache: number | string
  readonly cacheTtl: number
  readonly maxBatchRows: number
  readonly maxDelayMs: number
  readonly timeout: number
  readonly allowManagement?: boolean
  readonly deployment?: string
}

/** Serves until interrupted; requests in flight are answered before the process ends with exit code 0. */
export async function serveCommand(flags: ServeFlags): Promise<void> {
  const protocols = protocolsOf(flags)
  checkFlags(flags, protocols)
  await withCommandContext(flags, async (context) => {
    const log = flags.logRequests === undefined ? undefined : await createJsonLogger()
    try {
      await serve(flags, protocols, log ? { ...context, log } : context)
    } finally {
      await log?.close()
    }
  })
}

async function serve(flags: ServeFlags, protocols: ProtocolChoices, context: Context): Promise<void> {
  const options = await optionsOf(flags, protocols)
  const server = await start(options, flags, context)
  say(server, flags)
  const reload = (): void => void server.reload()
  if (flags.tokens !== undefined || flags.tlsCert !== undefined) process.on('SIGHUP', reload)
  if (!context.signal.aborted) await once(context.signal, 'abort')
  await server.close()
  process.off('SIGHUP', reload)
}

function checkFlags(flags: ServeFlags, { sageMakerModels }: ProtocolChoices): void {
  if (!flags.model && flags.models === undefined && sageMakerModels === undefined)
    throw new FivefoldError('CLI_USAGE', 'nothing to serve: give --model, or --models with a folder of models')
  if (flags.workers > 1 && sageMakerModels !== undefined)
    throw new FivefoldError('CLI_USAGE', 'models of a SageMaker endpoint are loaded by one process: use --workers 1')
  if (flags.workers > 1 && flags.log !== undefined)
    throw new FivefoldError('CLI_USAGE', 'a prediction log has one writer: --log goes with --workers 1 only')
  if (flags.workers > 1 && flags.jobs !== undefined)
    throw new FivefoldError('CLI_USAGE', 'a folder of jobs has one server: --jobs goes with --workers 1 only')
  if (flags.workers > 1 && flags.deployment !== undefined)
    throw new FivefoldError('CLI_USAGE', 'a deployment learns in one process: --deployment goes with --workers 1 only')
}

async function optionsOf(flags: ServeFlags, protocols: ProtocolChoices): Promise<WorkerServeOptions> {
  const slo = sloOf(flags)
  const price = priceOf(flags)
  const models = await Promise.all((flags.model ?? []).map((reference) => sourceOf(reference, flags.store)))
  return {
    models,
    ...(flags.models === undefined ? {} : { modelsDir: flags.models }),
    ...{ host: flags.host, port: flags.port, protocols },
    ...cacheOf(flags),
    ...(flags.grpcPort === undefined ? {} : { grpcPort: flags.grpcPort }),
    batching: { maxBatchRows: flags.maxBatchRows, maxDelayMs: flags.maxDelayMs },
    limits: { timeoutMs: flags.timeout },
    allowManagement: flags.allowManagement ?? false,
    ...entranceOf(flags),
    ...(flags.logRequests === undefined ? {} : { requestLog: { requests: flags.logRequests } }),
    ...(slo && { slo }),
    ...(price && { price }),
  }
}

const cacheOf = ({ cache, cacheTtl }: ServeFlags): Pick<WorkerServeOptions, 'cacheEntries' | 'redisCache'> =>
  typeof cache === 'number'
    ? { cacheEntries: cache }
    : { redisCache: { url: cache, ttlSeconds: Math.max(1, Math.round(cacheTtl / 1000)) } }

/** What the environment of a cloud's container says, with the labels of versions. */
function protocolsOf({ label = [] }: ServeFlags): ProtocolChoices {
  const labels: Record<string, Record<string, string>> = {}
  for (const text of label) {
    const [, model, name, version] = /^([^:=]+):([^:=]+)=(.+)$/.exec(text) ?? []
    if (model === undefined || name === undefined || version === undefined)
      throw new FivefoldError('CLI_USAGE', `--label '${text}' is not model:label=version`)
    labels[model] = { ...labels[model], [name]: version }
  }
  return { ...protocolsOfEnvironment(process.env), ...(label.length > 0 && { labels }) }
}

async function start(
  options: WorkerServeOptions,
  { workers, log, jobs, deployment }: ServeFlags,
  context: Context,
): Promise<RunningServer | RunningWorkers> {
  if (workers > 1) return serveInWorkers({ ...options, workers, context })
  return serveModels({
    ...{ ...options, context },
    ...(log === undefined ? {} : { logDir: log }),
    ...(jobs === undefined ? {} : { jobs: { dir: jobs } }),
    ...(deployment === undefined ? {} : { deployments: await readDeploymentFile(deployment) }),
  })
}

/** `path`, `name=path`, `name@alias` or `name/version`. A path that exists is meant as one. */
async function sourceOf(reference: string, store: string): Promise<ModelSource> {
  if (await exists(reference)) return { path: reference }
  const [, name, path] = /^([\w.-]+)=(.+)$/.exec(reference) ?? []
  if (name !== undefined && path !== undefined) return { ...(await sourceOf(path, store)), name }
  if (!isModelName(reference))
    throw new FivefoldError('MODEL_NOT_FOUND', `${reference} is no file or folder, nor name@alias nor name/version`)
  const { bundle, version } = await openModel(reference, store)
  return { path: bundle.path, version }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

function say(server: RunningServer | RunningWorkers, flags: ServeFlags): void {
  const models = server.statuses().map(({ name, version }: ModelStatus) => ({ name, version }))
  const [first] = models
  const { url, port, grpcPort } = server
  if (flags.json) printJson({ url, port, grpcPort, model: first?.name, version: first?.version, models })
  else {
    const named = models.map(({ name, version }) => `${name} version ${version}`).join(', ')
    const grpc = grpcPort === undefined ? '' : `, gRPC at port ${grpcPort}`
    printLine(
      `serving ${named || 'no model yet'} at ${url}${grpc}, API page at ${url}/docs, console at ${url}/console/`,
    )
  }
}
