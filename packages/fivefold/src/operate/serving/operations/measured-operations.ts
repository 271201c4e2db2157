import { BUSY_SECONDS, PROCESSES, RESIDENT_MEMORY } from '../metrics/process-metrics.ts'
import { METRIC, type ModelIdentity } from '../metrics/server-metrics.ts'
import { chartHistory } from './chart-history.ts'
import { type CostReport, costOf, type PriceOptions } from './cost.ts'
import type { HistorySpan, ModelOperations, OperationsReport, Traffic } from './operations-report.ts'
import { countedBetween, type Sample, seriesKey, valueIn } from './sample.ts'
import { COARSE_STEP_MS, FINE_STEP_MS, type SampleHistory } from './sample-history.ts'
import { countsBetween, sumOfCounts, trafficOf } from './traffic.ts'
import { WINDOWS, type WindowName, type Windows } from './windows.ts'

/** What samples say; the states of models are known to the process that answers. */
export type MeasuredOperations = Omit<OperationsReport, 'isReady' | 'models' | 'startedMs' | 'slo' | 'cost'> & {
  readonly models: readonly Omit<ModelOperations, 'state'>[]
}

export function measuredOperations(now: Sample, history: SampleHistory, span: HistorySpan): MeasuredOperations {
  const models = modelsIn(now)
  const trafficFor = (chosen: readonly ModelIdentity[]): Windows<Traffic> =>
    windowsOf((seconds) => trafficBetween(history.before(now.atMs - seconds * 1000), now, chosen))
  return {
    nowMs: now.timeMs,
    processes: valueIn(now, PROCESSES),
    residentBytes: valueIn(now, RESIDENT_MEMORY),
    requestsInFlight: valueIn(now, METRIC.requestsInFlight),
    server: trafficFor(models),
    models: models
      .filter(({ name }) => name !== '')
      .map(({ name, version }) => ({
        ...{ name, version, waitingRows: valueIn(now, METRIC.waitingRows, seriesKey(name, version)) },
        windows: trafficFor([{ name, version }]),
      })),
    history: chartsOf(history, span, models),
  }
}

/** Versions of which something was counted; the name is empty for requests that found none. */
function modelsIn({ series }: Sample): ModelIdentity[] {
  const keys = new Set<string>()
  for (const metric of [METRIC.rows, METRIC.predictionRequests])
    for (const key of series.get(metric)?.keys() ?? []) keys.add(key.split('\n').slice(0, 2).join('\n'))
  return [...keys].map((key) => {
    const [name = '', version = ''] = key.split('\n')
    return { name, version }
  })
}

function trafficBetween(before: Sample, now: Sample, models: readonly ModelIdentity[]): Traffic {
  const counts = sumOfCounts(models.map((model) => countsBetween(before, now, model)))
  return trafficOf(counts, (now.atMs - before.atMs) / 1000)
}

function chartsOf(history: SampleHistory, span: HistorySpan, models: readonly ModelIdentity[]) {
  if (span === 'none') return null
  if (span === '10m') return chartHistory(history.fine(), FINE_STEP_MS / 1000, models)
  return chartHistory(history.coarse(), COARSE_STEP_MS / 1000, models)
}

export function costReport(
  now: Sample,
  history: SampleHistory,
  { perHour, currency }: Required<PriceOptions>,
): CostReport {
  const models = modelsIn(now)
  return {
    ...{ currency, pricePerHour: perHour },
    windows: windowsOf((seconds) => {
      const before = history.before(now.atMs - seconds * 1000)
      const { rows, stages } = sumOfCounts(models.map((model) => countsBetween(before, now, model)))
      return costOf(
        {
          seconds: (now.atMs - before.atMs) / 1000,
          predictions: rows,
          processes: valueIn(now, PROCESSES),
          busySeconds: countedBetween(before, now, BUSY_SECONDS)?.[0] ?? 0,
          computeSeconds: stages.compute[0]!,
        },
        perHour,
      )
    }),
  }
}

const windowsOf = <T>(of: (seconds: number) => T): Windows<T> =>
  Object.fromEntries(Object.entries(WINDOWS).map(([name, seconds]) => [name, of(seconds)])) as Record<WindowName, T>
