import type { MetricSnapshot } from '../metrics/metric-registry.ts'
import { mergeMetrics } from '../metrics/render-metrics.ts'

/** What several processes have counted. Counts of those that have ended stay in the sum, which therefore only grows. */
export interface CountedProcesses<Process> {
  saw(process: Process, metrics: readonly MetricSnapshot[]): void
  /** What was seen of it last remains; what it counted since is lost. */
  ended(process: Process): void
  all(): readonly (readonly MetricSnapshot[])[]
}

export function createCountedProcesses<Process extends object>(): CountedProcesses<Process> {
  const living = new Map<Process, readonly MetricSnapshot[]>()
  const gone = new WeakSet<Process>()
  let past: readonly MetricSnapshot[] = []
  return {
    saw(process, metrics) {
      // An answer may arrive after its process has ended.
      if (!gone.has(process)) living.set(process, metrics)
    },
    ended(process) {
      gone.add(process)
      const counted = (living.get(process) ?? []).filter(({ type }) => type !== 'gauge')
      past = mergeMetrics([past, counted])
      living.delete(process)
    },
    all: () => [...living.values(), past],
  }
}
