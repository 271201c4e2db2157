import { createMetricRegistry, type MetricRegistry, type MetricSnapshot } from './metric-registry.ts'
import { addProcessMetrics } from './process-metrics.ts'

/**
 * The parts of a prediction that are timed: `decode` of the body, the wait in the `queue`, putting a `batch` together and
 * apart, `compute`, the wait until the prediction `log` holds the rows durably, `encode` of the answer.
 */
export const STAGES = ['decode', 'queue', 'batch', 'compute', 'log', 'encode'] as const
export type Stage = (typeof STAGES)[number]

/** What became of a prediction: an answer, a mistake of the caller (4xx), a caller that went away, a failure of ours (5xx). */
export const OUTCOMES = ['ok', 'refused', 'left', 'failed'] as const
export type Outcome = (typeof OUTCOMES)[number]

/** A caller that went away, as nginx counts it. */
const CLIENT_LEFT = 499

export function outcomeOf(status: number): Outcome {
  if (status < 400) return 'ok'
  if (status === CLIENT_LEFT) return 'left'
  return status < 500 ? 'refused' : 'failed'
}

/** Names of the metrics that somebody reads beside Prometheus. */
export const METRIC = {
  predictionRequests: 'fivefold_prediction_requests_total',
  predictionDuration: 'fivefold_prediction_duration_seconds',
  stageDuration: 'fivefold_stage_duration_seconds',
  rows: 'fivefold_rows_total',
  runRows: 'fivefold_run_rows',
  cacheRequests: 'fivefold_cache_requests_total',
  waitingRows: 'fivefold_waiting_rows',
  requestsInFlight: 'fivefold_requests_in_flight',
} as const

export interface ModelIdentity {
  readonly name: string
  readonly version: string
}

/** What is counted for a version of a model. */
export interface ModelMetrics {
  stage(stage: Stage, ms: number): void
  run(requests: number, rows: number): void
  rows(count: number): void
  cache(result: 'hit' | 'miss'): void
  /** Where the length of the queue is read, in rows; without an argument there is no queue any more. */
  queue(waitingRows?: () => number): void
}

/** What a server counts, in a registry of its own: two servers of one process do not mix. */
export interface ServerMetrics {
  requestStarted(): void
  requestEnded(route: string, method: string, status: number, ms: number): void
  /** A request for a prediction, which may have found no model. */
  predictionEnded(model: ModelIdentity | undefined, outcome: Outcome, ms: number): void
  of(model: ModelIdentity): ModelMetrics
  snapshot(): MetricSnapshot[]
  /** For what is counted beside requests. */
  readonly registry: MetricRegistry
}

/** Seconds; a part of a prediction takes from some microseconds to some seconds. */
export const SECONDS = [
  ...[0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05],
  ...[0.1, 0.25, 0.5, 1, 2.5, 5, 10],
]
export const ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384]
const MODEL_LABELS = ['model', 'version']

export function createServerMetrics(): ServerMetrics {
  const registry = createMetricRegistry()
  const requests = registry.counter('fivefold_requests_total', 'Requests answered, by route, method and status.', [
    'route',
    'method',
    'status',
  ])
  const duration = registry.histogram(
    'fivefold_request_duration_seconds',
    'From the head of a request to the end of its answer, by route.',
    ['route'],
    SECONDS,
  )
  const inFlight = registry.gauge(METRIC.requestsInFlight, 'Requests being served now.', []).of()
  addProcessMetrics(registry)
  return {
    requestStarted: () => inFlight.add(1),
    requestEnded: (route, method, status, ms) => {
      inFlight.add(-1)
      requests.of(route, method, String(status)).add(1)
      duration.of(route).observe(ms / 1000)
    },
    predictionEnded: predictionMetrics(registry),
    of: modelMetrics(registry),
    snapshot: () => registry.snapshot(),
    registry,
  }
}

function predictionMetrics(registry: MetricRegistry): ServerMetrics['predictionEnded'] {
  const requests = registry.counter(
    METRIC.predictionRequests,
    'Requests for predictions by the version that answered and by outcome: ok, refused (4xx), left (499), failed (5xx).',
    [...MODEL_LABELS, 'outcome'],
  )
  const duration = registry.histogram(
    METRIC.predictionDuration,
    'From the head of a request for predictions to the end of its answer, of those answered ok.',
    MODEL_LABELS,
    SECONDS,
  )
  return (model, outcome, ms) => {
    const { name, version } = model ?? { name: '', version: '' }
    requests.of(name, version, outcome).add(1)
    if (outcome === 'ok') duration.of(name, version).observe(ms / 1000)
  }
}

function modelMetrics(registry: MetricRegistry): ServerMetrics['of'] {
  const stages = registry.histogram(
    METRIC.stageDuration,
    'Parts of a prediction: decode, queue, batch, compute, log, encode.',
    [...MODEL_LABELS, 'stage'],
    SECONDS,
  )
  const rowsTotal = registry.counter(METRIC.rows, 'Rows predicted on.', MODEL_LABELS)
  const runRows = registry.histogram(
    METRIC.runRows,
    'Rows of one run of the model; requests that arrive together share a run.',
    MODEL_LABELS,
    ROWS,
  )
  const batched = registry.counter(
    'fivefold_batched_requests_total',
    'Requests that shared a run with another one.',
    MODEL_LABELS,
  )
  const cached = registry.counter(METRIC.cacheRequests, 'Requests looked up in the response cache, by result.', [
    ...MODEL_LABELS,
    'result',
  ])
  const waiting = registry.gauge(METRIC.waitingRows, 'Rows that wait for a run of the model.', MODEL_LABELS)
  const known = new Map<string, ModelMetrics>()
  const make = (name: string, version: string): ModelMetrics => {
    const stageOf = Object.fromEntries(STAGES.map((stage) => [stage, stages.of(name, version, stage)]))
    const rows = rowsTotal.of(name, version)
    const run = runRows.of(name, version)
    const shared = batched.of(name, version)
    return {
      stage: (stage, ms) => stageOf[stage]!.observe(ms / 1000),
      run: (requestCount, rowCount) => {
        run.observe(rowCount)
        if (requestCount > 1) shared.add(requestCount)
      },
      rows: (count) => rows.add(count),
      cache: (result) => cached.of(name, version, result).add(1),
      queue: (waitingRows = () => 0) => waiting.of(name, version).follow(waitingRows),
    }
  }
  return ({ name, version }) => {
    const key = `${name}\n${version}`
    const metrics = known.get(key) ?? make(name, version)
    known.set(key, metrics)
    return metrics
  }
}
