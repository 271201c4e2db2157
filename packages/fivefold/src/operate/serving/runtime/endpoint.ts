import { FivefoldError } from '../../../core/index.ts'
import type { PredictionLog } from '../../prediction-log/index.ts'
import type { ModelMetrics } from '../metrics/server-metrics.ts'
import type { Servable, Tensors } from '../model/servable.ts'
import { frameOfTensors, predictionsOf } from '../model/table-tensors.ts'
import { rowCountOf } from '../model/tensor-batches.ts'
import { notePart } from '../requests/request-record.ts'
import { type Batcher, type BatchingOptions, createBatcher } from './batching/batcher.ts'
import type { BatchObserver } from './batching/run-batch.ts'
import { checkFeeds, checkOutputs } from './check-feeds.ts'
import type { InferOptions, ModelEndpoint } from './model-repository.ts'
import type { AnswerCache } from './shared-cache.ts'

export interface EndpointOptions {
  readonly model: Servable
  readonly metrics: ModelMetrics
  readonly timeoutMs: number
  readonly batching?: BatchingOptions
  /** Answers that were given before; none by default. */
  readonly cache?: AnswerCache
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
  metrics.queue(batcher.waitingRows)
  const compute = computeWith(batcher, options)
  const answering = new Set<Promise<Tensors>>()
  let closing: Promise<void> | undefined

  /** Checks before, and is waited for when the endpoint closes. */
  const track = (
    feeds: Tensors,
    outputs: readonly string[] | undefined,
    run: () => Promise<Tensors>,
  ): Promise<Tensors> => {
    try {
      if (closing) throw unloading(model)
      checkFeeds(feeds, model)
      if (outputs) checkOutputs(outputs, model)
    } catch (error) {
      return Promise.reject(error)
    }
    const answered = run()
    answering.add(answered)
    const ended = (): void => void answering.delete(answered)
    answered.then(ended, ended)
    return answered
  }

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
    const endMs = performance.now()
    metrics.stage('log', endMs - startMs)
    notePart(wanted.record, 'log', startMs, endMs)
    return outputs ? Object.fromEntries(outputs.map((name) => [name, whole[name]!])) : whole
  }
  const closeAll = async (): Promise<void> => {
    await Promise.allSettled(answering)
    await batcher.drain()
    metrics.queue()
    await log?.close()
    await model.close()
  }

  return {
    model,
    infer(feeds, wanted) {
      // Of several that are asked in turn, the last one answers.
      if (wanted.record) wanted.record.model = model
      return track(feeds, wanted.outputs, () => answer(feeds, wanted))
    },
    probe: (feeds, signal) =>
      track(feeds, undefined, () =>
        batcher.run({ feeds, timeoutMs: options.timeoutMs, isBackground: true, ...(signal ? { signal } : {}) }),
      ),
    close() {
      closing ??= closeAll()
      return closing
    },
  }
}

const unloading = ({ name, version }: Servable): FivefoldError =>
  new FivefoldError('MODEL_NOT_READY', `version ${version} of '${name}' is being unloaded`)

type Compute = (feeds: Tensors, wanted: InferOptions) => Promise<Tensors>

function computeWith(batcher: Batcher, { metrics, timeoutMs, cache }: EndpointOptions): Compute {
  const run: Compute = (feeds, { outputs, signal, record, isBackground = false }) =>
    batcher.run({
      ...{ feeds, timeoutMs, isBackground },
      ...(outputs ? { outputs } : {}),
      ...(signal ? { signal } : {}),
      ...(record ? { record } : {}),
    })
  if (!cache) return run
  return async (feeds, wanted) => {
    const known = await cache.get(feeds, wanted.outputs)
    metrics.cache(known ? 'hit' : 'miss')
    if (known) return known
    const answer = await run(feeds, wanted)
    cache.set(feeds, wanted.outputs, answer)
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
