import { createMetricRegistry, type MetricSnapshot } from './metric-registry.ts'

/**
 * The parts of a prediction that are timed: `decode` of the body, the wait in the `queue`, putting a `batch` together and
 * apart, `compute`, the wait until the prediction `log` holds the rows durably, `encode` of the answer.
 */
const STAGES = ['decode', 'queue', 'batch', 'compute', 'log', 'encode'] as const
export type Stage = (typeof STAGES)[number]

/** What is counted for a version of a model. */
export interface ModelMetrics {
  stage(stage: Stage, ms: number): void
  run(requests: number, rows: number): void
  rows(count: number): void
  cache(result: 'hit' | 'miss'): void
}

/** What a server counts, in a registry of its own: two servers of one process do not mix. */
export interface ServerMetrics {
  requestStarted(): void
  requestEnded(route: string, method: string, status: number, ms: number): void
  of(model: { readonly name: string; readonly version: string }): ModelMetrics
  snapshot(): MetricSnapshot[]
}

/** Seconds; a part of a prediction takes from some microseconds to some seconds. */
const SECONDS = [
  ...[0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05],
  ...[0.1, 0.25, 0.5, 1, 2.5, 5, 10],
]
const ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384]

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
  const inFlight = registry.gauge('fivefold_requests_in_flight', 'Requests being served now.', []).of()
  return {
    requestStarted: () => inFlight.add(1),
    requestEnded: (route, method, status, ms) => {
      inFlight.add(-1)
      requests.of(route, method, String(status)).add(1)
      duration.of(route).observe(ms / 1000)
    },
    of: modelMetrics(registry),
    snapshot: () => registry.snapshot(),
  }
}

function modelMetrics(registry: ReturnType<typeof createMetricRegistry>): ServerMetrics['of'] {
  const labels = ['model', 'version']
  const stages = registry.histogram(
    'fivefold_stage_duration_seconds',
    'Parts of a prediction: decode, queue, batch, compute, log, encode.',
    [...labels, 'stage'],
    SECONDS,
  )
  const rowsTotal = registry.counter('fivefold_rows_total', 'Rows predicted on.', labels)
  const runRows = registry.histogram(
    'fivefold_run_rows',
    'Rows of one run of the model; requests that arrive together share a run.',
    labels,
    ROWS,
  )
  const batched = registry.counter(
    'fivefold_batched_requests_total',
    'Requests that shared a run with another one.',
    labels,
  )
  const cached = registry.counter(
    'fivefold_cache_requests_total',
    'Requests looked up in the response cache, by result.',
    [...labels, 'result'],
  )
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
    }
  }
  return ({ name, version }) => {
    const key = `${name}\n${version}`
    const metrics = known.get(key) ?? make(name, version)
    known.set(key, metrics)
    return metrics
  }
}
