import { type Context, didYouMean, FivefoldError } from '../../../core/index.ts'
import type { SessionOptions } from '../../../onnx/index.ts'
import type { PredictionLog } from '../../prediction-log/index.ts'
import { createServerMetrics, type ServerMetrics } from '../metrics/server-metrics.ts'
import { findModel, openFound } from '../model/open-source.ts'
import type { Servable } from '../model/servable.ts'
import type { BatchingOptions } from './batching/batcher.ts'
import { createEndpoint, type OwnedEndpoint } from './endpoint.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { ModelEndpoint, ModelRepository, ModelState, ModelStatus } from './model-repository.ts'
import { type AnswerCache, answersInMemory, answersShared, type SharedCache } from './shared-cache.ts'

export interface RepositoryOptions {
  readonly context: Context
  readonly batching?: BatchingOptions
  /** Answers kept for each version; none by default. */
  readonly cacheEntries?: number
  /** Takes the place of `cacheEntries`; closed with the repository. */
  readonly sharedCache?: SharedCache
  /** Default 30 000. */
  readonly timeoutMs?: number
  readonly session?: SessionOptions
  readonly metrics?: ServerMetrics
  /** Opens the prediction log of a version that is a bundle. */
  readonly openLog?: (model: Servable) => Promise<PredictionLog>
}

export interface OwnedRepository extends ModelRepository, AsyncDisposable {
  readonly metrics: ServerMetrics
  /** Takes over a model that is open already; the repository closes it. */
  add(model: Servable): Promise<ModelStatus>
  /** Answers what waits, and closes every model. */
  close(): Promise<void>
}

interface Version {
  readonly name: string
  readonly version: string
  state: ModelState
  reason?: string
  endpoint?: OwnedEndpoint
}

/** Models and their versions, loaded and unloaded while requests come in. */
export function createModelRepository(options: RepositoryOptions): OwnedRepository {
  const { metrics = createServerMetrics() } = options
  /** By name, in the order of loading. */
  const models = new Map<string, Map<string, Version>>()
  /** The first one that was ready. It stays the default while it is not loaded: nothing else answers in its name. */
  let defaultModel: string | undefined

  const place = (entry: Version): Version | undefined => {
    const versions = models.get(entry.name) ?? new Map<string, Version>()
    const before = versions.get(entry.version)
    versions.set(entry.version, entry)
    models.set(entry.name, versions)
    return before
  }
  const remove = (entry: Version): void => {
    const versions = models.get(entry.name)
    if (versions?.get(entry.version) === entry) versions.delete(entry.version)
    if (versions?.size === 0) models.delete(entry.name)
  }

  const open = async (name: string, version: string, openModel: () => Promise<Servable>): Promise<ModelStatus> => {
    // A version that is loaded again answers until the new one does.
    const known = models.get(name)?.get(version)
    const entry: Version = { name, version, state: 'loading' }
    if (known?.state !== 'ready') place(entry)
    try {
      const model = await openModel()
      entry.endpoint = await endpointFor(model, options, metrics).catch(async (error) => {
        await model.close()
        throw error
      })
    } catch (thrown) {
      const error = FivefoldError.from(thrown)
      entry.state = 'failed'
      entry.reason = error.message
      throw error
    }
    entry.state = 'ready'
    defaultModel ??= name
    const before = place(entry)
    if (before !== entry) await before?.endpoint?.close()
    options.context.log.info('model ready', { model: name, version })
    return statusOf(entry)
  }

  const versionsOf = (name: string): Map<string, Version> => {
    const versions = models.get(name)
    if (versions) return versions
    throw new FivefoldError(
      'MODEL_NOT_FOUND',
      `no model '${name}' is served here${didYouMean(name, [...models.keys()])}`,
    )
  }

  const unloadVersion = async (entry: Version): Promise<void> => {
    entry.state = 'unloading'
    await entry.endpoint?.close()
    remove(entry)
    options.context.log.info('model unloaded', { model: entry.name, version: entry.version })
  }

  const close = async (): Promise<void> => {
    const all = [...models.values()].flatMap((versions) => [...versions.values()])
    await Promise.all(all.map(unloadVersion))
    await options.sharedCache?.close()
  }

  return {
    metrics,
    statuses: () => [...models.values()].flatMap((versions) => [...versions.values()].map(statusOf)),
    endpoint(name, version) {
      const chosen = name ?? defaultModel ?? models.keys().next().value
      if (chosen === undefined) throw new FivefoldError('MODEL_NOT_FOUND', 'no model is served here')
      return chooseEndpoint(chosen, versionsOf(chosen), version)
    },
    async load(source) {
      const found = await findModel(source)
      const model = await namedModel(found, options)
      return open(model.name, found.version, model.open)
    },
    add: (model) => open(model.name, model.version, async () => model),
    async unload(name, version) {
      const versions = versionsOf(name)
      const chosen = version === undefined ? [...versions.values()] : [versions.get(version)]
      if (chosen[0] === undefined)
        throw new FivefoldError('MODEL_NOT_FOUND', `model '${name}' has no version '${version}' here`)
      await Promise.all(chosen.map((entry) => unloadVersion(entry!)))
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

const statusOf = ({ name, version, state, reason }: Version): ModelStatus => ({
  name,
  version,
  state,
  ...(reason === undefined ? {} : { reason }),
})

/** The name of a bundle stands in it, so a bundle has to be opened before it can be told which model it is. */
async function namedModel(
  found: Awaited<ReturnType<typeof findModel>>,
  { session }: RepositoryOptions,
): Promise<{ name: string; open: () => Promise<Servable> }> {
  if (found.name !== undefined) return { name: found.name, open: () => openFound(found, session) }
  const model = await openFound(found, session)
  return { name: model.name, open: async () => model }
}

async function endpointFor(
  model: Servable,
  options: RepositoryOptions,
  metrics: ServerMetrics,
): Promise<OwnedEndpoint> {
  const { batching, timeoutMs = DEFAULT_LIMITS.timeoutMs, openLog } = options
  const cache = await cacheOf(model, options)
  const log = model.table && openLog ? await openLog(model) : undefined
  return createEndpoint({
    model,
    metrics: metrics.of(model),
    timeoutMs,
    ...(batching ? { batching } : {}),
    ...(cache ? { cache } : {}),
    ...(log ? { log } : {}),
  })
}

async function cacheOf(
  model: Servable,
  { cacheEntries, sharedCache }: RepositoryOptions,
): Promise<AnswerCache | undefined> {
  if (sharedCache) return answersShared(sharedCache, model)
  return cacheEntries ? answersInMemory(cacheEntries) : undefined
}

function chooseEndpoint(name: string, versions: ReadonlyMap<string, Version>, version?: string): ModelEndpoint {
  if (version === undefined) return latestReady(name, versions)
  const entry = versions.get(version)
  if (!entry) throw new FivefoldError('MODEL_NOT_FOUND', `model '${name}' has no version '${version}' here`)
  return readyEndpoint(entry)
}

function latestReady(name: string, versions: ReadonlyMap<string, Version>): ModelEndpoint {
  let latest: Version | undefined
  for (const entry of versions.values())
    if (entry.state === 'ready' && (!latest || !isNewer(latest.version, entry.version))) latest = entry
  if (latest) return latest.endpoint!
  const [any] = versions.values()
  throw any ? notReady(any) : new FivefoldError('MODEL_NOT_FOUND', `no model '${name}' is served here`)
}

/** Numbers are compared as such; of other versions the one that was loaded later is the newer one. */
const isNewer = (a: string, b: string): boolean => /^\d+$/.test(a) && /^\d+$/.test(b) && Number(a) > Number(b)

function readyEndpoint(entry: Version): ModelEndpoint {
  if (entry.state === 'ready') return entry.endpoint!
  throw notReady(entry)
}

function notReady({ name, version, state, reason }: Version): FivefoldError {
  const why = reason === undefined ? state : `${state}: ${reason}`
  return new FivefoldError('MODEL_NOT_READY', `version ${version} of model '${name}' is ${why}`)
}
