import type { Context } from '../../../core/index.ts'
import type { MetricSnapshot } from '../metrics/metric-registry.ts'
import { BUSY_SECONDS, PROCESSES, RESIDENT_MEMORY } from '../metrics/process-metrics.ts'
import { mergeMetrics } from '../metrics/render-metrics.ts'
import { METRIC } from '../metrics/server-metrics.ts'
import { checkPrice, type PriceOptions } from './cost.ts'
import { costReport, type MeasuredOperations, measuredOperations } from './measured-operations.ts'
import { operationsMetrics } from './operations-metrics.ts'
import type { HistorySpan, OperationsReport } from './operations-report.ts'
import { countedBetween, type Sample, sampleOf } from './sample.ts'
import { createSampleHistory, FINE_STEP_MS } from './sample-history.ts'
import { SLO_BAD_EVENTS, SLO_EVENTS } from './slo/count-objectives.ts'
import type { EventCounts } from './slo/error-budget.ts'
import type { SloOptions } from './slo/objectives.ts'
import { createSloTracker } from './slo/slo-tracker.ts'

export interface OperationsOptions {
  /** What all processes have counted; those that have ended included, so that sums only grow. */
  readonly gather: () => Promise<readonly (readonly MetricSnapshot[])[]>
  readonly slo?: SloOptions
  readonly price?: PriceOptions
  readonly context: Context
}

/** Looks at the metrics of all processes every ten seconds, and remembers an hour of them. There is one for all processes. */
export interface Operations {
  /** All but what only the process that answers knows. */
  report(span: HistorySpan): Promise<MeasuredOperations & Pick<OperationsReport, 'startedMs' | 'slo' | 'cost'>>
  /** What follows from the metrics of all processes together. */
  metrics(): Promise<readonly MetricSnapshot[]>
  /** Looks a last time, and writes down what was counted for objectives. */
  close(): Promise<void>
}

/** Counts of objectives go to disk every minute. */
const STEPS_PER_SAVE = 6

const SAMPLED: ReadonlySet<string> = new Set([
  ...Object.values(METRIC),
  ...[PROCESSES, RESIDENT_MEMORY, BUSY_SECONDS, SLO_EVENTS, SLO_BAD_EVENTS],
])

/** @throws OPTION_INVALID; CONFIG_INVALID, CONFIG_UNREADABLE where counts of objectives cannot be read */
export async function createOperations({ gather, slo, price, context }: OperationsOptions): Promise<Operations> {
  const { clock, log } = context
  const charged = price && checkPrice(price)
  const tracker = slo && (await createSloTracker(slo, context))
  const sampleNow = async (): Promise<Sample> => {
    const now = { timeMs: clock.nowMs(), atMs: clock.monotonicMs() }
    return sampleOf(mergeMetrics(await gather()), SAMPLED, now)
  }
  // What it took to start is not use.
  const first = await sampleNow()
  const history = createSampleHistory(first)
  let latest = first
  let [looking, steps]: [Promise<Sample> | undefined, number] = [undefined, 0]

  const lookNow = async (): Promise<Sample> => {
    const sample = await sampleNow()
    tracker?.add((name) => eventsBetween(latest, sample, name))
    latest = sample
    return sample
  }
  /** One look at a time: whoever asks meanwhile shares it, so that samples never overtake one another. */
  const look = (): Promise<Sample> => {
    looking ??= lookNow().finally(() => {
      looking = undefined
    })
    return looking
  }
  const step = async (): Promise<void> => {
    history.add(await look())
    steps++
    if (steps % STEPS_PER_SAVE === 0) await tracker?.save()
  }
  const timer = setInterval(() => {
    step().catch((thrown: unknown) => log.warn('metrics cannot be gathered', { reason: String(thrown) }))
  }, FINE_STEP_MS)
  timer.unref()

  return {
    report: async (span) => {
      const now = await look()
      return {
        ...measuredOperations(now, history, span),
        startedMs: first.timeMs,
        slo: tracker?.report() ?? null,
        cost: charged ? costReport(now, history, charged) : null,
      }
    },
    metrics: async () => {
      if (!tracker && !charged) return []
      const now = await look()
      return operationsMetrics(tracker?.report(), charged ? costReport(now, history, charged) : null)
    },
    close: async () => {
      clearInterval(timer)
      if (!tracker) return
      await look()
      await tracker.save()
    },
  }
}

const eventsBetween = (before: Sample, after: Sample, name: string): EventCounts => ({
  events: countedBetween(before, after, SLO_EVENTS, name)?.[0] ?? 0,
  bad: countedBetween(before, after, SLO_BAD_EVENTS, name)?.[0] ?? 0,
})
