import { RESIDENT_MEMORY } from '../metrics/process-metrics.ts'
import { METRIC, type ModelIdentity, STAGES } from '../metrics/server-metrics.ts'
import type { Distribution } from './distribution.ts'
import type { ChartHistory, Percentiles, Series, Traffic } from './operations-report.ts'
import { type Sample, seriesKey, valueIn } from './sample.ts'
import { countsBetween, sumOfCounts, trafficOf } from './traffic.ts'

/**
 * What happened in each step between samples, in columns. Rates are counts over the time that a step really took.
 *
 * @param models all that the server's own series shall add up
 */
export function chartHistory(
  samples: readonly Sample[],
  stepSeconds: number,
  models: readonly ModelIdentity[],
): ChartHistory {
  const ends = samples.slice(1)
  const secondsOf = (step: number): number => (ends[step]!.atMs - samples[step]!.atMs) / 1000
  const counts = models.map((model) => ends.map((end, step) => countsBetween(samples[step]!, end, model)))
  const waiting = models.map(({ name, version }) =>
    ends.map((end) => valueIn(end, METRIC.waitingRows, seriesKey(name, version))),
  )
  return {
    stepSeconds,
    timesMs: ends.map(({ timeMs }) => timeMs),
    residentBytes: ends.map((end) => valueIn(end, RESIDENT_MEMORY)),
    requestsInFlight: ends.map((end) => valueIn(end, METRIC.requestsInFlight)),
    server: seriesOf(
      ends.map((_, step) => trafficOf(sumOfCounts(counts.map((steps) => steps[step]!)), secondsOf(step))),
      ends.map((_, step) => waiting.reduce((sum, steps) => sum + steps[step]!, 0)),
    ),
    models: models
      .map(({ name, version }, m) => ({
        ...{ name, version },
        series: seriesOf(
          counts[m]!.map((count, step) => trafficOf(count, secondsOf(step))),
          waiting[m]!,
        ),
      }))
      .filter(({ name }) => name !== ''),
  }
}

/** Far finer than the buckets from which percentiles come. */
const rounded = (value: number): number => Number(value.toPrecision(4))

function seriesOf(steps: readonly Traffic[], waitingRows: number[]): Series {
  const rates = (countOf: (step: Traffic) => number): number[] =>
    steps.map((step) => rounded(step.seconds > 0 ? countOf(step) / step.seconds : 0))
  const percentiles = (of: (step: Traffic) => Distribution | null): Percentiles => {
    const column = (name: 'p50' | 'p95' | 'p99'): (number | null)[] =>
      steps.map((step) => {
        const value = of(step)?.[name].value
        return value === undefined ? null : rounded(value)
      })
    return { p50: column('p50'), p95: column('p95'), p99: column('p99') }
  }
  return {
    requestsPerSecond: rates(({ requests }) => requests),
    refusedPerSecond: rates(({ refused }) => refused),
    failedPerSecond: rates(({ failed }) => failed),
    rowsPerSecond: rates(({ rows }) => rows),
    waitingRows,
    rowsPerRun: steps.map(({ rowsPerRun }) => (rowsPerRun ? rounded(rowsPerRun.mean) : null)),
    cacheHitRate: steps.map(({ cacheHitRate }) => (cacheHitRate === null ? null : rounded(cacheHitRate))),
    latencyMs: percentiles(({ latencyMs }) => latencyMs),
    stagesMs: Object.fromEntries(
      STAGES.map((stage) => [stage, percentiles(({ stagesMs }) => stagesMs[stage])]),
    ) as Series['stagesMs'],
  }
}
