import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** The parts of a prediction that are timed. `log` is the wait until the prediction log holds the rows durably. */
export type Stage = 'decode' | 'compute' | 'log' | 'encode'

/** What a server counts, in a registry of its own: two servers of one process do not mix. */
export interface ServerMetrics {
  /** The Prometheus text format, and its content type. */
  render(): Promise<string>
  readonly contentType: string
  requestStarted(): void
  requestEnded(route: string, method: string, status: number, seconds: number): void
  stage(stage: Stage, seconds: number): void
  run(requests: number, rows: number): void
  rows(count: number): void
}

/** Seconds; a prediction takes from a tenth of a millisecond to some seconds. */
const SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096, 16384]

export function createServerMetrics(model: { readonly name: string; readonly version: string }): ServerMetrics {
  const registry = new Registry()
  registry.setDefaultLabels({ model: model.name, version: model.version })
  const registers = [registry]
  const requests = new Counter({
    name: 'fivefold_requests_total',
    help: 'Requests answered, by route, method and status.',
    labelNames: ['route', 'method', 'status'],
    registers,
  })
  const duration = new Histogram({
    name: 'fivefold_request_duration_seconds',
    help: 'From the head of a request to the end of its answer, by route.',
    labelNames: ['route'],
    buckets: SECONDS,
    registers,
  })
  const stages = new Histogram({
    name: 'fivefold_stage_duration_seconds',
    help: 'Parts of a prediction: decode, compute (with the wait for a run), log, encode.',
    labelNames: ['stage'],
    buckets: SECONDS,
    registers,
  })
  const inFlight = new Gauge({ name: 'fivefold_requests_in_flight', help: 'Requests being served now.', registers })
  const rowsTotal = new Counter({ name: 'fivefold_rows_total', help: 'Rows predicted on.', registers })
  const runRows = new Histogram({
    name: 'fivefold_run_rows',
    help: 'Rows of one run of the model; requests that arrive together share a run.',
    buckets: ROWS,
    registers,
  })
  const batched = new Counter({
    name: 'fivefold_batched_requests_total',
    help: 'Requests that shared a run with another one.',
    registers,
  })
  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    requestStarted: () => inFlight.inc(),
    requestEnded: (route, method, status, seconds) => {
      inFlight.dec()
      requests.inc({ route, method, status: String(status) })
      duration.observe({ route }, seconds)
    },
    stage: (stage, seconds) => stages.observe({ stage }, seconds),
    run: (requestCount, rowCount) => {
      runRows.observe(rowCount)
      if (requestCount > 1) batched.inc(requestCount)
    },
    rows: (count) => rowsTotal.inc(count),
  }
}
