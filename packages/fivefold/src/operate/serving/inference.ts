import { type Context, FivefoldError } from '../../core/index.ts'
import type { Frame } from '../../data/index.ts'
import type { PredictionLog } from '../prediction-log/index.ts'
import { createBatcher } from './batcher.ts'
import { labelsOf, type ServedModel, type ServedPredictions } from './served-model.ts'
import type { ServerMetrics, Stage } from './server-metrics.ts'

export interface ServingLimits {
  /** Largest body. Default 16 MiB. */
  readonly bodyBytes: number
  /** Most rows of a request. Default 10 000. */
  readonly rows: number
  /** How long a request may take from its head to its answer. Default 30 000. */
  readonly timeoutMs: number
}

export const DEFAULT_LIMITS: ServingLimits = { bodyBytes: 16 * 1024 * 1024, rows: 10_000, timeoutMs: 30_000 }

/** What the routes of one server share. */
export interface Inference {
  readonly model: ServedModel
  readonly limits: ServingLimits
  readonly metrics: ServerMetrics
  /** Runs the model and waits until the prediction log, where there is one, holds the rows durably. Labels are set. */
  predict(frame: Frame, requestId: string): Promise<ServedPredictions>
  /** Times a part of a request. */
  timed<T>(stage: Stage, work: () => T): T
  drain(): Promise<void>
}

export interface InferenceOptions {
  readonly model: ServedModel
  readonly limits: ServingLimits
  readonly metrics: ServerMetrics
  readonly log?: PredictionLog
  readonly context: Context
}

export function createInference({ model, limits, metrics, log, context }: InferenceOptions): Inference {
  const batcher = createBatcher({
    predict: async (frame) => checked(await model.predict(frame), frame.rowCount),
    maxWaitingRows: 2 * limits.rows,
    onRun: metrics.run,
  })
  const timed = <T>(stage: Stage, work: () => T): T => timeWork(stage, work, metrics, context)
  return {
    model,
    limits,
    metrics,
    timed,
    drain: () => batcher.drain(),
    predict: async (frame, requestId) => {
      const predicted = await timed('compute', () => batcher.predict(frame))
      const served = predicted.predictions.kind === 'number' ? predicted : { ...predicted, labels: labelsOf(predicted) }
      if (log) await timed('log', () => log.append({ requestId, inputs: frame, ...served }))
      metrics.rows(frame.rowCount)
      return served
    },
  }
}

function timeWork<T>(stage: Stage, work: () => T, metrics: ServerMetrics, context: Context): T {
  const startMs = context.clock.monotonicMs()
  const end = (): void => metrics.stage(stage, (context.clock.monotonicMs() - startMs) / 1000)
  const result = work()
  // Failed work is not timed: a fast refusal would make the model look fast.
  if (result instanceof Promise) result.then(end, () => {})
  else end()
  return result
}

/** A model that answers with another number of rows would have its answers handed to the wrong requests. */
function checked(served: ServedPredictions, rows: number): ServedPredictions {
  const { predictions, labels } = served
  const count =
    predictions.kind === 'number'
      ? predictions.values.length
      : predictions.probabilities.length / predictions.classes.length
  if (count !== rows || (labels && labels.length !== rows))
    throw new FivefoldError('INTERNAL', `the model answered ${count} rows for ${rows}`)
  return served
}
