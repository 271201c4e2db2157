import type { MetricRegistry } from '../../metrics/metric-registry.ts'
import { outcomeOf } from '../../metrics/server-metrics.ts'
import type { RequestListener } from '../../requests/request-recorder.ts'
import { judge, type Objective } from './objectives.ts'

export const SLO_EVENTS = 'fivefold_slo_events_total'
export const SLO_BAD_EVENTS = 'fivefold_slo_bad_events_total'

/** Counts for each objective how many requests said something about it, and how many of them did not keep it. */
export function countObjectives(objectives: readonly Objective[], registry: MetricRegistry): RequestListener {
  const events = registry.counter(SLO_EVENTS, 'Requests that say something about an objective.', ['slo'])
  const bad = registry.counter(SLO_BAD_EVENTS, 'Requests that did not keep an objective.', ['slo'])
  const counted = objectives.map((objective) => ({
    objective,
    events: events.of(objective.name),
    bad: bad.of(objective.name),
  }))
  return {
    ended(record, { isPrediction, status, endMs }) {
      if (!isPrediction) return
      for (const one of counted) {
        const verdict = judge(one.objective, outcomeOf(status), endMs - record.startMs)
        if (verdict) one.events.add(1)
        if (verdict === 'bad') one.bad.add(1)
      }
    },
  }
}
