import { FivefoldError } from '../../../core/index.ts'
import type { PredictionLog } from '../../prediction-log/index.ts'
import type { ModelMetrics } from '../metrics/server-metrics.ts'
import type { Servable, Tensors } from '../model/servable.ts'
import { frameOfTensors, predictionsOf } from '../model/table-tensors.ts'
import { rowCountOf } from '../model/tensor-batches.ts'
import { type Batcher, type BatchingOptions, type BatchObserver, createBatcher } from './batcher.ts'
import { checkFeeds, checkOutputs } from './check-feeds.ts'
import type { InferOptions, ModelEndpoint } from './model-repository.ts'
import { cacheKey, createResponseCache } from './response-cache.ts'

export interface EndpointOptions {
  readonly model: Servable
  readonly metrics: ModelMetrics
  readonly timeoutMs: number
  readonly batching?: BatchingOptions
  /** Answers to keep; none by default. */
  readonly cacheEntries?: number
  /** Where every answered row goes; for bundles. The endpoint closes it. */
  readonly log?: PredictionLog
}

export interface OwnedEndpoint extends ModelEndpoint {
  /** Refuses what comes from now on, answers what waits, then closes log and model. */
  close(): Promise<void>
}

/** A version that answers. */
export function createEndpoint(options: EndpointOptions): OwnedEndpoint {
  const { model, metrics, log } = options
  const batcher = createBatcher(model, options.batching, observe(metrics))
  const compute = computeWith(batcher, options)
  const answering = new Set<Promise<Tensors>>()
  let closing: Promise<void> | undefined

  const answer = async (feeds: Tensors, wanted: InferOptions): Promise<Tensors> => {
    const answered = await (log ? computeAndLog(feeds, wanted, log) : compute(feeds, wanted))
    metrics.rows(model.isBatched ? rowCountOf(feeds) : 1)
    return answered
  }
  const computeAndLog = async (feeds: Tensors, wanted: InferOptions, log: PredictionLog): Promise<Tensors> => {
    const { outputs, ...rest } = wanted
    // The log holds what the model says as a whole, whichever outputs the request asks for.
    const whole = await compute(feeds, rest)
    const startMs = performance.now()
    await log.append(logEntry(wanted.requestId, feeds, whole, model))
    metrics.stage('log', performance.now() - startMs)
    return outputs ? Object.fromEntries(outputs.map((name) => [name, whole[name]!])) : whole
  }
  const closeAll = async (): Promise<void> => {
    await Promise.allSettled(answering)
    await batcher.drain()
    await log?.close()
    await model.close()
  }

  return {
    model,
    infer(feeds, wanted) {
      try {
        if (closing) throw unloading(model)
        checkFeeds(feeds, model)
        if (wanted.outputs) checkOutputs(wanted.outputs, model)
      } catch (error) {
        return Promise.reject(error)
      }
      const answered = answer(feeds, wanted)
      answering.add(answered)
      const ended = (): void => void answering.delete(answered)
      answered.then(ended, ended)
      return answered
    },
    close() {
      closing ??= closeAll()
      return closing
    },
  }
}

const unloading = ({ name, version }: Servable): FivefoldError =>
  new FivefoldError('MODEL_NOT_READY', `version ${version} of '${name}' is being unloaded`)

type Compute = (feeds: Tensors, wanted: InferOptions) => Promise<Tensors>

function computeWith(batcher: Batcher, { metrics, timeoutMs, cacheEntries }: EndpointOptions): Compute {
  const run: Compute = (feeds, { outputs, signal }) =>
    batcher.run({ feeds, timeoutMs, ...(outputs ? { outputs } : {}), ...(signal ? { signal } : {}) })
  if (!cacheEntries) return run
  const cache = createResponseCache(cacheEntries)
  return async (feeds, wanted) => {
    const key = cacheKey(feeds, wanted.outputs)
    const known = cache.get(key)
    metrics.cache(known ? 'hit' : 'miss')
    if (known) return known
    const answer = await run(feeds, wanted)
    cache.set(key, answer)
    return answer
  }
}

const observe = (metrics: ModelMetrics): BatchObserver => ({
  queued: (ms) => metrics.stage('queue', ms),
  batched: (ms) => metrics.stage('batch', ms),
  computed: (ms, requests, rows) => {
    metrics.stage('compute', ms)
    metrics.run(requests, rows)
  },
})

function logEntry(
  requestId: string,
  feeds: Tensors,
  answer: Tensors,
  { table }: Servable,
): Parameters<PredictionLog['append']>[0] {
  return { requestId, inputs: frameOfTensors(feeds, table!), ...predictionsOf(answer, table!) }
}
